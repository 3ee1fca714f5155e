import { bff, clientSecret, secret, session, t } from "frontdesk";

export default bff({
  client: "clash",
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) },
    claims: { subject: t.string(), locale: t.integer(), currency: t.string().nullable(), tier: "gold", "": t.string(), role: t.strng(), place: t.string().header("x-place") },
  }),
});
