import { action, money, problem, t } from "frontdesk";
import { cart, payments, pricing, shipping } from "frontdesk/services";

export default action("POST /v2/mobile/orders", {
  summary: "Holds the money, then books the delivery",
  // Apps send a key since 5.1.0, and may then ask again after a broken connection. The older ones send none.
  idempotency: "optional",
  input: {
    cartId: t.string().min(1).max(64),
    methodId: t.string().min(1).max(64),
    deliveryOptionId: t.string().min(1).max(64),
  },
  budget: { latency: "2s", payload: "4KB" },

  run: ({ cartId, methodId, deliveryOptionId }, { session: { locale, currency } }) => {
    const basket = cart.getCart({ cartId });
    if (basket.lines.length === 0) throw problem("cart_empty");
    const quote = pricing.quote({
      lines: basket.lines.map(({ id, productId, quantity }) => ({ id, productId, quantity })),
      currency,
      couponCode: basket.couponCode,
    });
    const held = payments.authorize({
      cartId,
      methodId,
      amount: { amountMinor: Number(quote.totalMinor), currency: quote.currency },
    });
    const booked = shipping.bookDelivery({ cartId, optionId: deliveryOptionId, authorizationId: held.id });
    return {
      state: held.state === "pending" ? "confirm" : "placed",
      confirmAt: held.redirectUrl ?? null,
      deliveryId: booked.id,
      trackingNumber: booked.trackingNumber ?? null,
      total: money(quote.totalMinor, quote.currency, locale),
    };
  },
});
