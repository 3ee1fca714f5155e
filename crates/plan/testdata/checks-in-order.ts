import { problem, t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /checks-in-order/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const page = shop.listProducts({ limit: 3 });
    if (page.total === 0) throw problem("empty");
    if (user.favourite === null) throw problem("not_found", { detail: `no favourite of ${user.name}` });
    return { name: user.name, favourite: user.favourite };
  },
});
