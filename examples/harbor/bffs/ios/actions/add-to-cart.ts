import { action, t } from "frontdesk";
import { cart, catalog } from "frontdesk/services";
import { itemCount, thumbnail } from "../display.ts";

export default action("POST /v2/mobile/carts/{cartId}/items", {
  summary: "Puts a product into the cart",
  input: {
    cartId: t.string().min(1).max(64),
    productId: t.string().min(1).max(32),
    quantity: t.integer().min(1).max(20).default(1),
  },
  budget: { latency: "400ms", payload: "2KB" },

  run: ({ cartId, productId, quantity }, { session: { locale } }) => {
    // Required: a product that the catalog does not know ends the action before anything is written.
    const product = catalog.getProduct({ productId });
    const added = cart.addItem({ cartId, productId: product.id, quantity });
    const lines = added.cart?.lines ?? [];
    const count = lines.reduce((sum, line) => sum + line.quantity, 0);
    return {
      added: {
        lineId: added.line?.id ?? null,
        title: product.title,
        thumbnail: thumbnail(product.imageUrl),
        quantity: added.line?.quantity ?? quantity,
      },
      cart: { id: cartId, version: added.cart?.version ?? "0", lines: lines.length, label: itemCount(count, locale) },
    };
  },
});
