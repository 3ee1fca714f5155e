import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const b = basket.getBasket({ basketId: "1" });

    return {
      a: shop.getProduct({ id: n }),
      b: shop.getProduct({ id: product.subtitle }),
      c: shop.listProducts({ sort: "bset" }),
      d: shop.batchGetProducts({ ids: b.lines }),
      e: shop.batchGetProducts({ ids: [product.id, n] }),
      f: basket.getBasket({ basketId: f ? "x" : 1 }),
    };
  },
});
