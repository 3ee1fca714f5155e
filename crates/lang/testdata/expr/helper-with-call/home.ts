import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

const title = (id: string) => shop.getProduct({ id }, { optional: true })?.title ?? "Unavailable";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    return b.lines.map((line) => title(line.productId));
  },
});
