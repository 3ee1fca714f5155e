import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /path-over-budget/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const list = orders.listOrders({ userId: user.id });
    const page = shop.listProducts({ category: list[0]?.id ?? "" });
    return { total: page.total };
  },
});
