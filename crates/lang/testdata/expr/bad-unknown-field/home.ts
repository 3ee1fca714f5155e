import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const b = basket.getBasket({ basketId: "1" });
    return { a: product.titel, b: product.price.amount, c: b.lines[0]?.product, d: b.lines.map((line) => line.quantty) };
  },
});
