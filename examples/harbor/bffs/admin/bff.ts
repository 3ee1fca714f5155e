import { bff } from "frontdesk";

export default bff({
  client: "admin",
  owner: "team-operations",
  locales: ["en-GB"],
  currency: "EUR",
  limits: { latency: "2s", body: "64KB" },
  errors: {
    order_not_found: { status: 404, title: "There is no such order" },
    "backoffice.getOrder:404": "order_not_found",
  },
});
