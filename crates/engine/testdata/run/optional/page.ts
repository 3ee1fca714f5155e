import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /page/{id}", {
  input: { id: t.string() },
  budget: { latency: "100ms" },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    const stock = shop.getStock({ id }, { optional: true });
    const similar = shop.similar({ id }, { within: "50ms", otherwise: [] });
    return { id: cart.id, left: stock?.available ?? null, similar: similar.map((p) => p.title) };
  },
});
