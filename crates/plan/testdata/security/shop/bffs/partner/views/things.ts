import { requires, view } from "frontdesk";
import { open } from "frontdesk/services";

export default view("GET /things", { auth: requires({ approval: true }), load: () => open.listThings({}) });
