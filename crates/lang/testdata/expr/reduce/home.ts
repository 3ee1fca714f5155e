import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      sum: list.reduce((sum, p) => sum + p.price.minor, 0),
      longest: product.tags.reduce((a, b) => (a.length > b.length ? a : b), ""),
      counts: product.tags.reduce((all, tag) => ({ ...all, [tag]: tag.length }), {} as Record<string, number>),
      total: list.reduce((sum, p, index) => ({ count: sum.count + 1, last: index, price: sum.price + p.price.minor }), { count: 0, last: 0, price: 0 }),
    };
  },
});
