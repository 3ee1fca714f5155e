import { keyBy, money, shape } from "frontdesk";
import { cart, catalog, pricing } from "frontdesk/services";

/** Whoever is signed in has one cart, known by who they are. */
export const cartOf = (subject: string) => `empty-${subject}`;

/** The cart as the page shows it. */
export const basket = shape("Basket", (id: string, currency: string, locale: string) => {
  const found = cart.getCart({ cartId: id });
  const products = catalog.batchGetProducts({ ids: found.lines.map((line) => line.productId) });
  const quote = pricing.quote({
    lines: found.lines.map((line) => ({ id: line.id, productId: line.productId, quantity: line.quantity })),
    currency,
    couponCode: found.couponCode,
  });
  const product = keyBy(products.items, (item) => item.id);
  return {
    pieces: found.lines.reduce((sum, line) => sum + line.quantity, 0),
    lines: found.lines.map((line) => ({
      id: line.id,
      title: product[line.productId]?.title ?? "Unavailable",
      quantity: line.quantity,
      total: money(quote.lines[line.id]?.totalMinor, quote.currency, locale),
    })),
    total: money(quote.totalMinor, quote.currency, locale),
  };
});
