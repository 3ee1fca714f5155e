import { action, problem, since, t } from "frontdesk";
import { orders } from "frontdesk/services";

export default action("POST /since-in-an-action", {
  input: { userId: t.string() },
  run: ({ userId }) => {
    const user = orders.getUser({ id: userId });
    const all = orders.listOrders({ userId });
    if (userId === "") throw problem("empty");
    const order = orders.createOrder({ userId, lines: [] });
    return { id: order.id, name: since("5.1.0", user.name), count: since("5.1.0", all.length) };
  },
});
