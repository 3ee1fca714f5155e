import { apiKeys, bff } from "frontdesk";

export default bff({
  client: "partner",
  owner: "team-partners",
  locales: ["en-GB"],
  currency: "EUR",
  // `frontdesk keys create partner` adds one to keys.yaml, which holds nothing but hashes.
  auth: apiKeys(),
  limits: {
    latency: "800ms",
    body: "16KB",
    rate: [{ per: "key", requests: 120, every: "1m", burst: 40 }],
  },
  errors: {
    product_not_found: { status: 404, title: "There is no such product" },
    "inventory.getStock:404": "product_not_found",
  },
});
