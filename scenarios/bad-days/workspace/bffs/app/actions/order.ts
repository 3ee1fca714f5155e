import { action, t } from "frontdesk";
import { items } from "frontdesk/services";

export default action("POST /orders", {
  summary: "Orders one item",
  idempotency: "optional",
  input: { itemId: t.string().min(1).max(64) },

  run: ({ itemId }) => ({ order: items.createOrder({ itemId }).id }),
});
