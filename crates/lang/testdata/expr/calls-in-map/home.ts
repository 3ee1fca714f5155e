import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    return b.lines.map((line) => {
      const product = shop.getProduct({ id: line.productId });
      return { title: product.title, quantity: line.quantity };
    });
  },
});
