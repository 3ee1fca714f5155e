import { apiKeys, bff } from "frontdesk";

export default bff({
  client: "partner",
  owner: "team-partners",
  locales: ["en-GB"],
  currency: "EUR",
  // A partner keeps the contract of the day its integration was written: versions/ makes older answers of today's.
  versions: { header: "Partner-Version", dates: ["2026-11-01", "2026-05-01", "2026-01-01"] },
  openapi: true,
  // `frontdesk keys create partner` adds one to keys.yaml, which holds nothing but hashes.
  auth: apiKeys(),
  limits: {
    latency: "800ms",
    body: "16KB",
    rate: [{ per: "key", requests: 120, every: "1m", burst: 40 }],
  },
  errors: {
    product_not_found: { status: 404, title: "There is no such product" },
    "catalog.getProduct:404": "product_not_found",
    "inventory.getStock:404": "product_not_found",
  },
});
