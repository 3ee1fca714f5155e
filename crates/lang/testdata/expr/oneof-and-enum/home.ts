import { t, view } from "frontdesk";
import { basket } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    return { state: b.state === "OPEN" ? "open" : "closed", payer: b.company ?? b.person?.name ?? null, total: b.totals["x"] ?? "0" };
  },
});
