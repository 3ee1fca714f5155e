import { view } from "frontdesk";

export default view("GET /v1/same", { load: () => ({ ok: true }) });
