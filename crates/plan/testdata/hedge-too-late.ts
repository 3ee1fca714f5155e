import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /hedge-too-late/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const a = shop.getProduct({ id }, { hedge: "100ms" });
    const b = orders.getUser({ id }, { within: "50ms", hedge: "60ms" });
    const c = shop.getProduct({ id: `${id}-2` }, { hedge: "90ms" });
    return { a: a.title, b: b.name, c: c.title };
  },
});
