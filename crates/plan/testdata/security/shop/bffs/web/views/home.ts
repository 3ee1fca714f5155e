import { view } from "frontdesk";
import { open } from "frontdesk/services";

export default view("GET /home", { public: true, load: () => ({ things: open.listThings({}) }) });
