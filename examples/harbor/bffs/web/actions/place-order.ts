import { action, money, problem, requires } from "frontdesk";
import { cart, payments, pricing, shipping } from "frontdesk/services";
import { cartOf } from "../shapes/cart.ts";

export default action("POST /api/orders", {
  summary: "Holds the money, then books the delivery",
  // Whoever pays has signed in within the last five minutes: otherwise the page is sent to sign in again.
  auth: requires({ maxAge: "5m" }),
  // The page sends a key with each attempt: asked twice, it pays once.
  idempotency: "required",
  budget: { latency: "2s", payload: "4KB" },

  run: (_, { session: { subject, currency, locale } }) => {
    const cartId = cartOf(subject);
    const basket = cart.getCart({ cartId });
    if (basket.lines.length === 0) throw problem("cart_empty");
    const quote = pricing.quote({
      lines: basket.lines.map(({ id, productId, quantity }) => ({ id, productId, quantity })),
      currency,
      couponCode: basket.couponCode,
    });
    const held = payments.authorize({
      cartId,
      methodId: `card-${subject}`,
      amount: { amountMinor: Number(quote.totalMinor), currency: quote.currency },
    });
    const booked = shipping.bookDelivery({ cartId, optionId: "standard", authorizationId: held.id });
    return {
      deliveryId: booked.id,
      trackingNumber: booked.trackingNumber ?? null,
      total: money(quote.totalMinor, quote.currency, locale),
    };
  },
});
