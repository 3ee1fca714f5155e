import { keyBy, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const page = shop.listProducts({});
    const known = keyBy(page.items, (p) => `${session.tier}:${p.id}`);
    return { title: known[id]?.title };
  },
});
