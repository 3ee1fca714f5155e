import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    return { a: shop.getProduct({}), b: shop.getProduct(), c: basket.getBasket({ basketID: "1" }), d: shop.listProducts({ limt: 3 }), e: shop.getProduct({ id: "1" }, {}, 1) };
  },
});
