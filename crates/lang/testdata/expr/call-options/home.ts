import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const a = shop.listProducts({}, { within: "50ms", otherwise: [] });
    const b = shop.getProduct({ id: "1" }, { optional: true, within: "2s" });
    const c = shop.getProduct({ id: "1" }, { otherwise: null });
    const d = shop.getProduct({ id: "1" }, { otherwise: { title: "none" } });
    const e = shop.listCategories();
    return { a: a.length, b: b?.id, c: c?.id, d: d.title, e: e.length };
  },
});
