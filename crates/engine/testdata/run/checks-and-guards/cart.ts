import { view, t, problem } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /cart/{id}", {
  input: { id: t.string(), deep: t.boolean().default(false) },
  load: ({ id, deep }) => {
    const cart = shop.getCart({ cartId: id });
    if (cart.lines.length === 0) throw problem("cart_empty", { status: 409, title: "Nothing in it" });
    const stock = shop.getStock({ id });
    if (stock.available === 0) throw problem("sold_out", { status: 409, detail: `nothing left of ${id}` });
    const quote = deep ? shop.quote({ lines: cart.lines.map((line) => line.id) }) : null;
    return { id: cart.id, total: quote === null ? null : quote.total, left: stock.available };
  },
});
