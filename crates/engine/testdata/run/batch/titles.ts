import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /titles/{id}", {
  input: { id: t.string() },
  load: ({ id }) => shop.getCart({ cartId: id }).lines.map((line) => `${line.quantity} ${shop.getProduct({ productId: line.productId }).title}`),
});
