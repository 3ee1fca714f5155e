import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    return {
      a: s || "default",
      b: maybe && maybe.title,
      c: n && product.title,
      d: s && s.length,
      e: f && product,
      f: product.tags.length > 0 && product.tags,
      g: !maybe || maybe.tags,
    };
  },
});
