import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /page/{id}", {
  input: { id: t.string() },
  budget: { latency: "60ms" },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    const similar = shop.similar({ id }, { optional: true });
    const stock = shop.getStock({ id: cart.id }, { optional: true });
    return { id: cart.id, similar: similar && similar.length, stock: stock && stock.available };
  },
});
