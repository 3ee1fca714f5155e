import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /some/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return cart.lines.map((line) => (line.quantity > 1 ? shop.getStock({ id: line.productId }, { otherwise: { available: -1 } }).available : null));
  },
});
