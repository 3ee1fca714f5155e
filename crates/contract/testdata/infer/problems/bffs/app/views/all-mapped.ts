import { view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /all-mapped", {
  load: () => ({ names: orders.listOrders({ userId: "1" }).map((order) => order.id) }),
});
