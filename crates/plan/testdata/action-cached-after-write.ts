import { action, t } from "frontdesk";
import { shop, stock } from "frontdesk/services";

export default action("POST /v1/reserve", {
  input: { id: t.string() },
  idempotency: "required",
  bulkhead: 8,
  run: ({ id }) => {
    const before = stock.getStock({ productId: id }, { cache: "5s" });
    const reserved = stock.reserve({ productId: id, quantity: 1 });
    const after = stock.getStock({ productId: id }, { cache: "5s" });
    const product = shop.getProduct({ id }, { cache: "5s" });
    return { before: before.onHand, after: after.onHand, title: product.title };
  },
});
