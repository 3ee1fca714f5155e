import { view } from "frontdesk";

export default view("GET /v1/gone", { load: () => ({ ok: true }) });
