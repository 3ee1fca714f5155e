import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const b = basket.getBasket({ basketId: "1" });

    const { title, price: { minor, currency: code }, subtitle = "none", ...rest } = product;
    const { lines: [first, , third], ...others } = b;
    const [line = null, ...more] = b.lines;
    return { title, minor, code, subtitle, weight: rest.weight, first: first?.id, third: third?.id, id: others.id, line, more };
  },
});
