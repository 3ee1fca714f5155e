import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const a: Prodct = product;
    const b: shop.Prodct = product;
    const c: Product = product;
    const d: Date = product.id;
    const e: () => string = product.title;
    const g: Map<string, number> = {};
    const h: shop = product;
    const i: keyof shop.Product = "id";
    return { a, b, c, d, e, g, h, i };
  },
});
