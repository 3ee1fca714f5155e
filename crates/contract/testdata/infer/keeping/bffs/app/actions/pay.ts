import { action, t } from "frontdesk";
import { stock } from "frontdesk/services";

export default action("POST /pay", {
  input: { id: t.string() },
  idempotency: "required",
  run: ({ id }) => ({ id: stock.reserve({ productId: id, quantity: 1 }).reservationId }),
});
