import { action, t } from "frontdesk";
import { stock } from "frontdesk/services";

export default action("POST /reserve", {
  input: { id: t.string() },
  idempotency: "optional",
  run: ({ id }) => ({ id: stock.reserve({ productId: id, quantity: 1 }).reservationId }),
});
