import { action, t } from "frontdesk";
import { orders, stock } from "frontdesk/services";

export default action("POST /action-write-per-element/{id}", {
  input: { id: t.string() },
  run: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    const kept = list.map((order) => stock.reserve({ productId: order.id, quantity: 1 }).reservationId);
    return { kept };
  },
});
