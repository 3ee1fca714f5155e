import { apiKeys, bearer, bff, clientSecret, secret, session, t } from "frontdesk";

export default bff({
  client: "differ",
  auth: [
    session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) }, claims: { tier: t.string(), role: t.string(), level: t.integer().default(0) } }),
    bearer({ issuer: "https://login.example.com", audience: "api", claims: { tier: t.enum(["gold", "basic"]) } }),
  ],
});
