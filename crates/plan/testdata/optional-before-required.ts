import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /optional-before-required/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id }, { optional: true });
    const page = shop.listProducts({ category: user?.favourite ?? "all" });
    return { total: page.total };
  },
});
