import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /titles/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return (cart.groups ?? []).map((group) => group.map((productId) => shop.getProduct({ productId }).title));
  },
});
