import { bff, clientSecret, secret, session, t } from "frontdesk";

export default bff({
  client: "storefront",
  locales: ["en-GB", "de-DE"],
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) },
    claims: {
      tier: t.enum(["gold", "basic"]),
      groups: t.array(t.string()).optional(),
      locale: t.string(),
      address: t.object({ city: t.string() }).optional(),
    },
  }),
});
