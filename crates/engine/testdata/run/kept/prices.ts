import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /prices/{id}", {
  input: { id: t.string() },
  load: ({ id }) => ({ price: shop.getProduct({ productId: id }, { cache: "10s" }).price }),
});
