import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    return { a: shop.getProdct({ id: "1" }), b: basket.checkout({}), c: shop.getProduct, d: shop };
  },
});
