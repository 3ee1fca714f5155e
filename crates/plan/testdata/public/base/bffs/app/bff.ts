import { bearer, bff, t } from "frontdesk";

export default bff({
  client: "app",
  locales: ["en-GB", "de-DE"],
  currency: "EUR",
  auth: bearer({
    issuer: "harbor",
    audience: "app",
    claims: { tier: t.enum(["gold", "basic"]), currency: t.string(), age: t.integer().optional() },
  }),
});
