import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const product = shop.getProduct({ id: "1" }, { optional: true });
    if (product === null) return null;
    if (f) return { kind: "brief", title: product.title };
    if (n > 3) return { kind: "long", title: product.title, tags: product.tags };
    return { kind: "full", product };
  },
});
