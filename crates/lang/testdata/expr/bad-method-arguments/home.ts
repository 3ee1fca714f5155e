import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return {
      a: product.title.padStart("5"),
      b: product.title.slice(0, 1, 2),
      c: product.tags.map(),
      d: product.tags.map(n),
      e: product.tags.map((a, b, c) => a),
      f: product.tags.includes(1),
      g: product.title.replace("a", (x) => x),
      h: product.tags.join(1),
      i: product.tags.concat(1),
      j: product.tags.toSorted((a, b) => a < b),
    };
  },
});
