import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

const fresh = (id: string) => shop.getProduct({ id }).state === "new";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    return {
      a: b.lines.find((line) => shop.getProduct({ id: line.productId }).state === "new"),
      b: b.lines.some((line) => fresh(line.productId)),
      c: b.lines.reduce((sum, line) => sum + shop.getProduct({ id: line.productId }).price.minor, 0),
      d: b.lines.toSorted((x, y) => shop.getProduct({ id: x.id }).price.minor - y.quantity),
    };
  },
});
