import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /same-call-perhaps/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const a = shop.getProduct({ id });
    const b = shop.getProduct({ id: user.favourite ?? id });
    const c = shop.listProducts({ category: "a" });
    const d = shop.listProducts({ category: "b" });
    return { a: a.title, b: b.title, c: c.total, d: d.total };
  },
});
