import { action, lastGood, t } from "frontdesk";
import { orders } from "frontdesk/services";

export default action("POST /orders", {
  input: { cartId: t.string(), key: t.string() },
  run: ({ cartId, key }) => {
    const known = orders.listOrders({}, { cache: "5s", hedge: "p90", otherwise: lastGood([]) });
    const order = orders.placeOrder({ cartId, idempotencyKey: key }, { retries: 2, hedge: false });
    const gone = orders.cancelOrder({ id: order.id }, { retries: 0 });
    return { id: order.id, gone: gone.id, known: known.length };
  },
});
