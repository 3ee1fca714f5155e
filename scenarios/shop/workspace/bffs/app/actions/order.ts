import { action, problem, t } from "frontdesk";
import { items } from "frontdesk/services";

export default action("POST /orders", {
  summary: "Orders, pays, and leaves a note",
  input: { itemId: t.string().min(1).max(64), quantity: t.integer().min(1).max(9).default(1) },

  run: ({ itemId, quantity }) => {
    const item = items.getItem({ id: itemId });
    if (item.minor > 100000) throw problem("too_dear", { status: 422, title: "Too dear" });
    const order = items.createOrder({ itemId: item.id, quantity });
    const paid = items.payOrder({ id: order.id, minor: item.minor * quantity });
    items.note({ orderId: order.id });
    return { order: order.id, state: paid.state };
  },
});
