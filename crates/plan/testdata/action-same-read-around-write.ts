import { action, t } from "frontdesk";
import { orders } from "frontdesk/services";

export default action("POST /action-same-read-around-write/{id}", {
  input: { id: t.string() },
  run: ({ id }) => {
    const before = orders.listOrders({ userId: id });
    const order = orders.createOrder({ userId: id, lines: [] });
    const after = orders.listOrders({ userId: id });
    return { before: before.length, after: after.length, order: order.id };
  },
});
