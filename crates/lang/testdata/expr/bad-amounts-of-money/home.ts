import { t, view, money } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      a: money(19.99, "EUR", session.locale),
      b: money("19.99", "EUR", session.locale),
      c: money(1999, "euro", session.locale),
      d: money("-1999", "EUR", session.locale),
    };
  },
});
