import { view } from "frontdesk";

export default view("GET /a", { deprecated: {}, load: () => ({ ok: true }) });
