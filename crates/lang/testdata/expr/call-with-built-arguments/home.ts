import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    const ids = b.lines.map((line) => line.productId);
    const args = { ids };
    const products = shop.batchGetProducts(args);
    const some = shop.listProducts({ limit: n, sort: f ? "best" : "newest", ...(s === undefined ? {} : { "X-Client": s }) });
    return { products: products.items.length, some: some.length };
  },
});
