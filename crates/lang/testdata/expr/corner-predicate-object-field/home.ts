import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    const withWeight = list.map((p) => ({ id: p.id, weight: p.weight })).filter((x) => x.weight !== undefined);
    return withWeight.map((x) => x.weight ?? 0);
  },
});
