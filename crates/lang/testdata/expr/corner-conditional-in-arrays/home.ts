import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return {
      a: [f ? 1 : "x", null, undefined],
      b: [...(f ? [{ id: 1 }] : []), { id: 2, extra: true }],
      c: [[], [1]],
      d: [{ a: null }, { a: "x" }],
      e: [product.subtitle, product.imageUrl],
    };
  },
});
