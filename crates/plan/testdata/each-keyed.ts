import { keyBy, t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-keyed/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    const byTitle = keyBy(list, (order) => shop.getProduct({ id: order.id }).title);
    return { of: byTitle["x"]?.state ?? null };
  },
});
