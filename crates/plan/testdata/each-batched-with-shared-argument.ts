import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-batched-with-shared-argument/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const list = orders.listOrders({ userId: id });
    return { titles: list.map((order) => shop.getProduct({ id: order.id, locale: user.name }, { optional: true })?.title ?? null) };
  },
});
