import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    const page = shop.listProducts({});
    return { items: page.items.filter((p) => p.brand.id === session.locale || p.id === lang).map((p) => p.title) };
  },
});
