import { groupBy, keyBy, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    const byId = keyBy(list, (p) => p.id);
    const byState = groupBy(list, (p) => p.state);
    return { one: byId["1"]?.title, dynamic: byId[s ?? ""]?.price, fresh: byState["new"]?.length ?? 0, all: Object.values(byState).flat().length };
  },
});
