import { t, view } from "frontdesk";
import { legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const products = shop.listProducts({ limit: n });
    const cards = products.map((p) => {
      const full = shop.getProduct({ id: p.id }, { optional: true });
      const thing = legacy.getThing({ id: p.id }, { otherwise: null });
      if (full === null) return { id: p.id, title: "gone" };
      return { id: p.id, title: full.title, size: thing?.size };
    });
    return { cards, sizes: cards.map((card) => card.title.length) };
  },
});
