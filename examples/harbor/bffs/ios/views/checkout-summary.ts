import { keyBy, lastGood, money, problem, t, view } from "frontdesk";
import { cart, catalog, pricing, recommendations, shipping, tax } from "frontdesk/services";
import { dayRange, itemCount, thumbnail } from "../display.ts";

export default view("GET /v2/mobile/checkout-summary", {
  summary: "Everything the checkout screen shows",
  input: { cartId: t.string().min(1).max(64) },
  budget: { latency: "300ms", payload: "32KB" },

  load: ({ cartId }, { session: { locale, currency } }) => {
    // These three need nothing but the cart's id, so they start together, before the cart is known to have lines.
    const basket = cart.getCart({ cartId });
    const delivery = shipping.estimate({ cartId }, { within: "150ms", optional: true });
    const similar = recommendations.forCart({ cartId, limit: 8 }, { within: "50ms", otherwise: lastGood([]) });
    if (basket.lines.length === 0) throw problem("cart_empty");

    const products = catalog.batchGetProducts({ ids: basket.lines.map((line) => line.productId) });
    const quote = pricing.quote({
      lines: basket.lines.map(({ id, productId, quantity }) => ({ id, productId, quantity })),
      currency,
      couponCode: basket.couponCode,
    });
    const vat = tax.forCart({ cartId, country: basket.country, currency });

    const product = keyBy(products.items, (item) => item.id);
    const count = basket.lines.reduce((sum, line) => sum + line.quantity, 0);

    return {
      cartId: basket.id,
      count,
      headline: itemCount(count, locale),
      items: basket.lines.map(({ id, productId, quantity }) => {
        const found = product[productId];
        const price = quote.lines[id];
        return {
          id,
          productId,
          title: found?.title ?? "Unavailable",
          thumbnail: thumbnail(found?.imageUrl),
          quantity,
          unitPrice: money(price?.unitMinor, quote.currency, locale),
          lineTotal: money(price?.totalMinor, quote.currency, locale),
        };
      }),
      subtotal: money(quote.subtotalMinor, quote.currency, locale),
      discounts: quote.discounts.map(({ code, label, amountMinor }) => ({
        code,
        label,
        amount: money(`-${amountMinor}`, quote.currency, locale),
      })),
      tax: { included: vat.inclusive, amount: money(vat.totalMinor, vat.currency, locale) },
      total: money(quote.totalMinor, quote.currency, locale),
      delivery: delivery && {
        from: delivery.earliest,
        to: delivery.latest,
        label: dayRange(delivery.earliest, delivery.latest, locale),
        carrier: delivery.carrier?.name ?? null,
      },
      similar: similar.slice(0, 4).map((item) => ({
        id: item.id,
        title: item.title,
        thumbnail: thumbnail(item.imageUrl),
        price: money(item.priceMinor, item.currency, locale),
      })),
    };
  },
});
