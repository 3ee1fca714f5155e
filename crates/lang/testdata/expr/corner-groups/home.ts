import { groupBy, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    const groups = groupBy(list, (p) => p.tags[0] ?? "none");
    return Object.entries(groups).map(([tag, items]) => ({ tag, count: items.length, first: items[0]?.title, max: Math.max(...items.map((item) => item.price.minor)) }));
  },
});
