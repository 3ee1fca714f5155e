import { lastGood, t, view } from "frontdesk";
import { account, cart, catalog, recommendations, shipping } from "frontdesk/services";

/** How each way of keeping an answer stands beside required and optional parts. */
export default view("GET /home/{cartId}/{productId}", {
  input: { cartId: t.string().max(64), productId: t.string().max(64) },
  load: ({ cartId, productId }, { session }) => {
    const basket = cart.getCart({ cartId });
    const me = account.me({}, {
      cache: { ttl: "1s", stale: "1s", staleIfError: "20s", tags: [`account:${session.subject}`] },
    });
    const product = catalog.getProduct({ id: productId }, {
      cache: { ttl: "1s", stale: "1s", staleIfError: "20s", tags: [`product:${productId}`] },
    });
    const similar = recommendations.forCart({ cartId }, { within: "200ms", otherwise: lastGood() });
    const delivery = shipping.estimate({ id: cartId }, { within: "100ms", optional: true });
    return { edition: 0, subject: session.subject, basket, me, product, similar, delivery };
  },
});
