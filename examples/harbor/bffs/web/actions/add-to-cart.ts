import { action, t } from "frontdesk";
import { cart, catalog } from "frontdesk/services";
import { basket, cartOf } from "../shapes/cart.ts";

export default action("POST /api/cart/items", {
  summary: "Puts a product into the cart of whoever is signed in",
  input: {
    productId: t.string().min(1).max(32),
    quantity: t.integer().min(1).max(20).default(1),
  },
  budget: { latency: "800ms", payload: "16KB" },

  run: ({ productId, quantity }, { session: { subject, currency, locale } }) => {
    const product = catalog.getProduct({ productId });
    const added = cart.addItem({ cartId: cartOf(subject), productId: product.id, quantity });
    return basket(added.cart?.id ?? cartOf(subject), currency, locale);
  },
});
