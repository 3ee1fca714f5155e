import { view } from "frontdesk";
import { orders, quotes } from "frontdesk/services";

export default view("GET /things", {
  load: () => ({ orders: orders.listThings({}), quotes: quotes.listThings({}) }),
});
