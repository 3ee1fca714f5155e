import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /v1/stock/{id}", {
  input: { id: t.string() },
  load: ({ id }) => ({ id, title: shop.getProduct({ id }).title }),
});
