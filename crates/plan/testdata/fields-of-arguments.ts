import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /fields-of-arguments/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    const first = { ...list[0], extra: 1 };
    const page = shop.listProducts({ category: first.id ?? "none" });
    return { total: page.total };
  },
});
