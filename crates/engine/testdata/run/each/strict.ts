import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /strict/{id}", {
  input: { id: t.string() },
  load: ({ id }) => shop.getCart({ cartId: id }).lines.map((line) => shop.getStock({ id: line.productId }).available),
});
