import { t, view } from "frontdesk";
import { basket } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    const { totals, version } = b;
    return { version, sum: Object.values(totals).map(Number).reduce((a, b) => a + b, 0), has: "x" in totals, x: totals["x"] ?? null };
  },
});
