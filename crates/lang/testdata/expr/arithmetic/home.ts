import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return {
      a: product.price.minor * n / 100,
      b: -n + +"3" - (n % 2) ** 2,
      c: "v" + n,
      d: n + product.title,
      e: (n & 1) | (n ^ 2) << 1,
      f: ~n >>> 2,
      g: "a" + null,
    };
  },
});
