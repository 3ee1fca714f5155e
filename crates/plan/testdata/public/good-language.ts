import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  public: true,
  load: ({ id }, { session }) => ({ price: shop.getProduct({ id }).price, in: session.locale, by: session.currency }),
});
