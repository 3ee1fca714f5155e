import { keyBy, t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    const products = b.lines.map((line) => shop.getProduct({ id: line.productId }, { optional: true }));
    const known = products.filter((p) => p !== null);
    const byId = keyBy(known, (p) => p.id);
    return b.lines.map(({ productId, quantity }) => ({ title: byId[productId]?.title ?? "Unavailable", quantity }));
  },
});
