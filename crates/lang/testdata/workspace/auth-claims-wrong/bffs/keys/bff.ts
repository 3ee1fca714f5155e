import { apiKeys, bff, clientSecret, secret, session, t } from "frontdesk";

export default bff({
  client: "keys",
  auth: [session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) }, claims: { tier: t.string(), name: t.string().optional(), level: t.integer().default(0) } }), apiKeys()],
});
