import { action, lastGood, t } from "frontdesk";
import { orders } from "frontdesk/services";

export default action("POST /orders/wrong", {
  input: { cartId: t.string(), key: t.string().optional() },
  run: ({ cartId, key }) => {
    const a = orders.placeOrder({ cartId }, { retries: 2 });
    const b = orders.placeOrder({ cartId, idempotencyKey: key }, { retries: 1 });
    const c = orders.cancelOrder({ id: a.id }, { retries: 1 });
    const d = orders.placeOrder({ cartId }, { cache: "30s" });
    const e = orders.placeOrder({ cartId }, { hedge: "p95" });
    const f = orders.placeOrder({ cartId }, { otherwise: lastGood() });
    return { a: a.id, b: b.id, c: c.id, d: d.id, e: e.id, f: f?.id };
  },
});
