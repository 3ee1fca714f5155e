import { view } from "frontdesk";

export default view("GET /g", { deprecated: true, load: () => ({ ok: true }) });
