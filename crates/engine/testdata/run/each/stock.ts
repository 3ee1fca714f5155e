import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /stock/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return {
      lines: cart.lines.map((line) => {
        const stock = shop.getStock({ id: line.productId }, { within: "50ms", optional: true });
        return { id: line.id, left: stock === null ? null : stock.available };
      }),
    };
  },
});
