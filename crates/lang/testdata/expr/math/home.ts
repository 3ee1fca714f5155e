import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      a: Math.max(n, 2, 3),
      b: Math.min(...list.map((p) => p.price.minor)),
      c: Math.round(n / 3),
      d: Math.PI,
      e: Math.pow(2, n),
      f: Number.MAX_SAFE_INTEGER,
      g: Math.max(0, ...list.map((p) => p.price.minor), n),
    };
  },
});
