import { groupBy, keyBy, t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const products = shop.listProducts({});
    const byId = keyBy(products, (p) => p.id);
    const byState = groupBy(products, (p) => p.state);
    const totals = basket.getBasket({ basketId: "1" }).totals;
    const counts = Object.entries(byState).map(([state, list]) => ({ state, count: list.length }));
    return {
      one: byId["1"], title: byId["1"]?.title, all: byId, lists: byState, counts, sum: totals["x"], totals, names: Object.keys(totals),
      values: Object.values(totals), mapped: Object.fromEntries(products.map((p) => [p.id, p.title])), has: "x" in totals, get: totals[`${n}`],
    };
  },
});
