import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /guard-and-or/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const list = user.email && orders.listOrders({ userId: user.id });
    const product = user.favourite || shop.listProducts({ limit: 1 }).items[0]?.id;
    return { list, product: product ?? null };
  },
});
