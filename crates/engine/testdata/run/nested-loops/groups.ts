import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /groups/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return (cart.groups ?? []).map((group) => group.map((stockId) => ({ id: stockId, left: shop.getStock({ id: stockId }).available })));
  },
});
