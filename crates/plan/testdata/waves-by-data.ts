import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /waves-by-data/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const product = shop.getProduct({ id: user.favourite ?? "p1" });
    const page = shop.listProducts({ limit: 3 });
    return { name: user.name, title: product.title, total: page.total };
  },
});
