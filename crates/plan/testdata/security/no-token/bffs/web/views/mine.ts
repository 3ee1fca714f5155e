import { view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /mine", { load: () => ({ mine: orders.listThings({}) }) });
