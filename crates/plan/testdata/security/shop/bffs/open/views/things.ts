import { view } from "frontdesk";
import { open } from "frontdesk/services";

export default view("GET /things", { load: () => open.listThings({}) });
