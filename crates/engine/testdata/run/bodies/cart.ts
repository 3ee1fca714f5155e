import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /cart/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return { id: cart.id, open: cart.state === "open", lines: cart.lines.map((line) => ({ id: line.id, quantity: line.quantity })) };
  },
});
