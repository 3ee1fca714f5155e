import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const page = shop.listProducts({});
    return { items: page.items.filter((p) => p.brand.id === session.subject).map((p) => p.title) };
  },
});
