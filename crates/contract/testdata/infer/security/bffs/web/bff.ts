import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "web",
  locales: ["en-GB"],
  currency: "EUR",
  auth: session({ issuer: "home", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }),
  limits: { rate: [{ per: "ip", requests: 100, every: "1m" }] },
});
