import { view } from "frontdesk";

export default view("GET /openapi.json", { load: () => ({ ok: true }) });
