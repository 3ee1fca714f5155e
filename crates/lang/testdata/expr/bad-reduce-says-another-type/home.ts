import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      a: product.tags.reduce((sum: number, tag) => sum + tag.length, "0"),
      b: product.tags.reduce<number>((sum, tag) => sum + tag, 0),
      c: product.tags.map<string>((tag) => tag),
    };
  },
});
