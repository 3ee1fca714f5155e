import { since, t, until, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /after/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    const { available } = shop.getStock({ id });
    return {
      left: since("5.1.0", available),
      id: cart.id,
      lines: cart.lines.map((line) => ({ left: since("5.1.0", available), ...line })),
      ...since("5.1.0", { more: available }),
      old: until("4.5.0", available),
    };
  },
});
