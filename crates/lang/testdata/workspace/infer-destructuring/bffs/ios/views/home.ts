import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const { title, subtitle = "none", price: { minor, currency: code }, labels: { red } = {} } = shop.getProduct({ id: "1" });
    const [first, second = null, ...more] = shop.listProducts({});
    const { lines: [line], company, person: { name } = { name: "nobody" } } = basket.getBasket({ basketId: "1" });
    return { title, subtitle, minor, code, red, first, second, more, line: line?.quantity, company, name };
  },
});
