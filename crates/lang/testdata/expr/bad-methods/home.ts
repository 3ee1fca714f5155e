import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      a: list.push(product),
      b: list.sort((x, y) => 1),
      c: list.forEach((p) => p),
      d: list.maap((p) => p),
      e: product.title.localeCompare("x"),
      f: product.map((x) => x),
      g: product.labels?.map((x) => x),
      h: n.trim(),
      i: product.title(),
      j: list.entries().map((x) => x),
    };
  },
});
