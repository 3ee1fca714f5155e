import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const page = shop.listProducts({});
    return { ids: page.items.toSorted((a, b) => (session.tier === "gold" ? 1 : -1)).map((p) => p.id) };
  },
});
