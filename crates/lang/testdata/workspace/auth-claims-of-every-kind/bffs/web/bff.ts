import { bff, clientSecret, secret, session, t } from "frontdesk";

export default bff({
  client: "web",
  auth: session({
    issuer: "https://login.example.com",
    client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) },
    claims: {
      address: t.object({ street: t.string(), city: t.string(), lines: t.array(t.object({ text: t.string(), kind: t.enum(["a", "b"]) })) }),
      "https://example.com/roles": t.array(t.enum(["admin", "staff"])).optional(),
      born: t.date().nullable(),
      level: t.integer().min(1),
      verified: t.boolean().default(false),
      locale: t.enum(["en", "de"]),
    },
  }),
});
