import { apiKeys, bff } from "frontdesk";

export default bff({
  client: "keyed",
  auth: apiKeys(),
  openapi: true,
  limits: { rate: [{ per: "key", requests: 600000, every: "1m" }] },
});
