import { view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /nothing-required", {
  load: () => ({ user: orders.getUser({ id: "1" }, { optional: true })?.name ?? null }),
});
