import { action, t } from "frontdesk";
import { cart } from "frontdesk/services";

/** Carried out once for each `Idempotency-Key`; the service counts. */
export default action("POST /orders/{cartId}", {
  input: { cartId: t.string().max(64), reference: t.string().max(64) },
  idempotency: "required",
  run: ({ cartId, reference }, { session }) => {
    const order = cart.placeOrder({ cartId, reference });
    return { subject: session.subject, order };
  },
});
