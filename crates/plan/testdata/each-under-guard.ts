import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-under-guard/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const list = user.email ? orders.listOrders({ userId: id }).map((order) => shop.getProduct({ id: order.id }).title) : [];
    return { list };
  },
});
