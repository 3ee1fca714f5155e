import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    const ids = list.map((x) => x.id);
    const x = product.title;
    if (n === 1) {
      const inner = x.length;
      return { ids, inner };
    } else if (n === 2) {
      const inner = x;
      const more = inner.length;
      return { ids, more };
    }
    const inner = ids.map((x) => x.length);
    {
      const x = inner.length;
      if (x === 0) return { ids: [], inner: 0 };
    }
    return { ids, inner, x };
  },
});
