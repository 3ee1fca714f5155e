import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    const page = shop.listProducts({});
    return { ids: page.items.toSorted((a, b) => (session.locale === "de-DE" || lang === "de" ? 1 : -1)).map((p) => p.id) };
  },
});
