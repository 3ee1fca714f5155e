import { apiKeys, bff, certificate } from "frontdesk";

export default bff({
  client: "partner",
  auth: [
    apiKeys({ header: "Authorization" }),
    certificate({ clients: { "partner.example.com": { subject: "acme", scopes: ["orders.read"] }, "other.example.com": {} } }),
  ],
  limits: { rate: { per: "key", requests: 10, every: "1s", burst: 20 } },
});
