import { view } from "frontdesk";

export default view("GET /home", { load: () => ({ ok: true }) });
