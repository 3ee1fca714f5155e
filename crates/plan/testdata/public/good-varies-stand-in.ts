import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => ({ id, p: shop.getProduct({ id }, { otherwise: { title: session.locale, lang } }) }),
});
