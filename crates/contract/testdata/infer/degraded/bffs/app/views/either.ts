import { t, view } from "frontdesk";
import { orders } from "frontdesk/services";

// Which of two objects it is depends on a call that the answer can do without: one has any keys, the other its own.
export default view("GET /either/{userId}", {
  input: { userId: t.string() },
  load: ({ userId }) => {
    const list = orders.listOrders({ userId });
    const user = orders.getUser({ id: userId }, { optional: true });
    if (user) return Object.fromEntries(list.map((order) => [order.id, order.lines.length]));
    return { nobody: { orders: list.length } };
  },
});
