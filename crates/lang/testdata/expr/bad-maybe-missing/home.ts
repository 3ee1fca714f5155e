import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    return {
      a: maybe.title,
      b: product.subtitle.length,
      c: product.subtitle.trim(),
      d: product.tags[0].length,
      e: product.weight * 2,
      f: product.weight + 1,
      g: product.weight > 1,
      h: [...(maybe?.tags)],
      i: Object.keys(product.labels),
    };
  },
});
