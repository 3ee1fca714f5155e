import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().header("X-Lang"), unread: t.string().optional().header("x-unread") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { client }) => ({ title: shop.getProduct({ id, locale: lang }).title, for: client.name }),
});
