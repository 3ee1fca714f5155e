import { action, t } from "frontdesk";
import { items } from "frontdesk/services";

export default action("POST /v1/orders", {
  input: { itemId: t.string() },
  deprecated: { since: "2026-05-01", sunset: "2027-01-01", use: "GET /plain/{id}", because: "orders are placed in the shop", enforce: true },
  run: ({ itemId }) => ({ id: items.createOrder({ itemId, quantity: 1 }).id }),
});
