import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /titles/{id}", {
  input: { id: t.string() },
  load: ({ id }) => ({ title: shop.getProduct({ productId: id }, { cache: "10s" }).title }),
});
