import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const list = shop.listProducts({});
    const pair = ["a", shop.getProduct({ id: "1" }).subtitle] as const;
    const totals: Record<string, number> = { a: 1 };
    if (!list[1]) return { first: list[0] ? list[0].title : null };
    return {
      second: list[1].title,
      both: list[0] && list[0].id,
      pair: pair[1] === undefined ? 0 : pair[1].length,
      total: totals["a"] !== undefined ? totals["a"] + 1 : 0,
      entries: Object.entries(shop.getProduct({ id: "1" })),
    };
  },
});
