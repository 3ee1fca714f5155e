import { t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const b = basket.getBasket({ basketId: "1" });

    const labels = product.labels ?? {};
    return {
      keys: Object.keys(labels),
      values: Object.values(labels),
      entries: Object.entries(labels).map(([key, value]) => ({ key, value: value.length })),
      from: Object.fromEntries(b.lines.map((line) => [line.id, line.quantity])),
      filtered: Object.fromEntries(Object.entries(b.totals).filter(([, total]) => total !== "0")),
    };
  },
});
