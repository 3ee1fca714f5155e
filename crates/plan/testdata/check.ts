import { problem, t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /check/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const page = shop.listProducts({ limit: 3 });
    if (user.favourite === null) throw problem("not_found");
    const product = shop.getProduct({ id: user.favourite });
    return { title: product.title, total: page.total };
  },
});
