import { view } from "frontdesk";

export default view("GET /j", { load: () => ({ ok: missing }) });
