import { action, problem, t } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default action("POST /action-check-before-write/{id}", {
  input: { id: t.string() },
  run: ({ id }) => {
    const user = orders.getUser({ id });
    const page = shop.listProducts({ limit: 1 });
    if (page.total === 0) throw problem("empty");
    const order = orders.createOrder({ userId: user.id, lines: [{ productId: "p1", quantity: 1 }] });
    return { order: order.id };
  },
});
