import { keyBy, money, t, view } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default view("GET /v1/baskets/{basketId}", {
  input: { basketId: t.string().min(1).max(64) },
  load: ({ basketId }, { session }) => {
    const found = basket.getBasket({ basketId });
    const products = shop.batchGetProducts({ ids: found.lines.map((line) => line.productId) });
    const product = keyBy(products.items, (item) => item.id);
    return {
      id: found.id,
      version: found.version,
      coupon: found.coupon ?? null,
      lines: found.lines.map((line) => ({
        title: product[line.productId]?.title ?? "Unavailable",
        price: money(product[line.productId]?.price.minor, session.currency, session.locale),
        quantity: line.quantity,
      })),
    };
  },
});
