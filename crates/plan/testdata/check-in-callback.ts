import { problem, t, view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /check-in-callback/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    const states = list.map((order) => {
      if (order.lines.length === 0) throw problem("empty");
      return order.state;
    });
    const user = orders.getUser({ id });
    return { states, name: user.name };
  },
});
