import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return { a: 0x10, b: 1e3, c: 1_000, d: -0, e: Infinity, f: NaN, g: .5, h: n ** 2, i: 7 % 3, j: -product.price.minor };
  },
});
