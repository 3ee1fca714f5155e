import { action, t } from "frontdesk";
import { stock } from "frontdesk/services";

export default action("POST /order", {
  input: { id: t.string(), key: t.string().optional().header("Idempotency-Key") },
  idempotency: "required",
  run: ({ id, key }) => ({ id: stock.reserve({ productId: `${id}${key ?? ""}`, quantity: 1 }).reservationId }),
});
