import { action, t } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default action("POST /action-in-order/{id}", {
  input: { id: t.string() },
  run: ({ id }) => {
    const user = orders.getUser({ id });
    const product = shop.getProduct({ id: user.favourite ?? "p1" }, { optional: true });
    const order = orders.createOrder({ userId: user.id, lines: [] });
    orders.addNote({ text: "created" });
    const after = orders.listOrders({ userId: id });
    return { order: order.id, title: product?.title ?? null, count: after.length };
  },
});
