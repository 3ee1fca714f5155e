import { since, t, until, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /cart/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    const stock = shop.getStock({ id });
    const left = `${stock.available} left`;
    return {
      id: cart.id,
      left: since("5.1.0", left),
      urgent: since("5.1.0", left.startsWith("1 ")),
      total: until("6.0.0", shop.quote({ lines: cart.lines.map((line) => line.id) }).total),
    };
  },
});
