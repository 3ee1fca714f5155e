import { image, keyBy, money, t, view } from "frontdesk";
import { cartHttp, catalog, pricingHttp, recommendations, shipping } from "frontdesk/services";

export default view("GET /cached/checkout-summary", {
  summary: "The checkout screen of one cart, kept whole: the workload `cached-view`",
  input: { cartId: t.string().max(64) },
  cache: { public: "1h" },

  load: ({ cartId }, { session: { locale, currency } }) => {
    const basket = cartHttp.getCart({ cartId });
    const delivery = shipping.estimate({ cartId }, { within: "150ms", optional: true });
    const similar = recommendations.forCart({ cartId, limit: 8 }, { within: "50ms", otherwise: [] });
    const products = catalog.batchGetProducts({ ids: basket.lines.map((line) => line.productId) });
    const quote = pricingHttp.quote({
      currency,
      couponCode: basket.couponCode,
      lines: basket.lines.map((line) => `${line.id}:${line.productId}:${line.quantity}`),
    });

    const product = keyBy(products.items, (item) => item.id);
    return {
      items: basket.lines.map(({ id, productId, quantity }) => {
        const found = product[productId];
        const price = quote.lines[id];
        return {
          id,
          title: found?.title ?? "Unavailable",
          thumbnail: image(found?.imageUrl, { width: 120, height: 120 }),
          quantity,
          unitPrice: money(price?.unitMinor, currency, locale),
          lineTotal: money(price?.totalMinor, currency, locale),
        };
      }),
      subtotal: money(quote.subtotalMinor, currency, locale),
      discounts: quote.discounts.map(({ code, label, amountMinor }) => ({
        code,
        label,
        amount: money(amountMinor, currency, locale),
      })),
      tax: money(quote.estimatedTaxMinor, currency, locale),
      total: money(quote.totalMinor, currency, locale),
      delivery: delivery && { from: delivery.earliest, to: delivery.latest },
      similar: similar.slice(0, 4).map((item) => ({
        id: item.id,
        title: item.title,
        thumbnail: image(item.imageUrl, { width: 120, height: 120 }),
        price: money(item.priceMinor, currency, locale),
      })),
    };
  },
});
