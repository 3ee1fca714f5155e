import { bff, clientSecret, secret, session, t } from "frontdesk";

export default bff({
  client: "web",
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "web-bff", auth: clientSecret(secret("WEB_SECRET")) },
    claims: { tier: t.string() },
  }),
});
