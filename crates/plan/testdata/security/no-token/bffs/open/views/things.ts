import { view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /things", { load: () => ({ orders: orders.listThings({}) }) });
