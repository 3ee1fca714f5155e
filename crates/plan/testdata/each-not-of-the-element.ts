import { t, view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /each-not-of-the-element/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    return { rows: list.map((order) => ({ id: order.id, name: orders.getUser({ id }).name })) };
  },
});
