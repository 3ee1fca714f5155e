import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /before/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return { id: cart.id, lines: cart.lines };
  },
});
