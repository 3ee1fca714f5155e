import { action, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default action("POST /carts/{cartId}/items", {
  input: { cartId: t.string(), productId: t.string().min(1), quantity: t.integer().min(1).max(20).default(1) },
  run: ({ cartId, productId, quantity }) => {
    const cart = shop.getCart({ cartId });
    const line = shop.addItem({ cartId: cart.id, productId, quantity });
    const touched = shop.touchCart({ cartId });
    const paid = shop.pay({ amount: line.quantity });
    return { line: line.id, paid: paid.id, touched: touched === null };
  },
});
