import { apiKeys, bearer, bff } from "frontdesk";

export default bff({
  client: "api",
  locales: ["en-GB"],
  currency: "EUR",
  auth: [apiKeys({ header: "X-Api-Key" }), bearer({ issuer: "home", audience: "api", scopes: ["shop"] })],
});
