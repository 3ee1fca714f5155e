import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return { a: n > 2, b: product.title < "m", c: product.state === "new", d: s === undefined, e: s == null, f: !s, g: product.imageUrl !== null };
  },
});
