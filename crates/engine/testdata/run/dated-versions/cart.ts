import { problem, t, view } from "frontdesk";
import { narrow, shop } from "frontdesk/services";

export default view("GET /cart/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    if (cart.lines.length === 0) throw problem("cart_empty", { status: 409, title: "Nothing in it" });
    const stock = shop.getStock({ id }, { optional: true });
    return {
      id: cart.id,
      lines: cart.lines.map((line) => ({ id: line.id, left: narrow.getStock({ id: line.productId }).available })),
      total: { amount: shop.quote({ lines: cart.lines.map((line) => line.id) }).total, currency: "EUR" },
      left: stock?.available,
    };
  },
});
