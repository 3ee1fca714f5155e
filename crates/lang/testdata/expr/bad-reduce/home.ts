import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return {
      a: product.tags.reduce((all, tag) => [...all, tag], []),
      b: product.tags.reduce((sum, tag) => sum + tag, 0),
      c: product.tags.reduce((a, b) => a + b),
      d: product.tags.reduce(),
    };
  },
});
