import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => ({ p: shop.getProduct({ id: `${id}-${session.locale}-${lang ?? ""}` }).title }),
});
