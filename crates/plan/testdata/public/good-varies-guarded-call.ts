import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => ({
    p: session.locale === "de-DE" ? shop.getProduct({ id }).title : undefined,
    q: lang ? shop.getProduct({ id: "other" }).title : undefined,
  }),
});
