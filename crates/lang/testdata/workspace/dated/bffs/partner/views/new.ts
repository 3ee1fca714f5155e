import { view } from "frontdesk";

export default view("GET /v1/new", { load: () => ({ ok: true }) });
