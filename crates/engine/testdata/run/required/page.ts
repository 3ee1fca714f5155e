import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /page/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    const stock = shop.getStock({ id });
    return { id: cart.id, left: stock.available };
  },
});
