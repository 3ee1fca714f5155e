import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /basket/{cartId}", {
  input: { cartId: t.string() },
  load: ({ cartId }) => {
    const cart = shop.getCart({ cartId });
    const similar = shop.similar({ id: cartId });
    const quote = shop.quote({ lines: cart.lines.map((line) => line.id) });
    return { id: cart.id, quantities: cart.lines.map((line) => line.quantity), total: quote.total, similar: similar.map((p) => p.title) };
  },
});
