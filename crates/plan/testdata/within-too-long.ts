import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /within-too-long/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const a = shop.getProduct({ id }, { within: "900ms" });
    const b = orders.getUser({ id }, { within: "300ms" });
    return { a: a.title, b: b.name };
  },
});
