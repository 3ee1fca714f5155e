import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});
    const b = basket.getBasket({ basketId: "1" });

    return list.map((p) => ({ id: p.id, lines: b.lines.filter((line) => line.productId === p.id).map((line) => ({ q: line.quantity, of: p.title })) }));
  },
});
