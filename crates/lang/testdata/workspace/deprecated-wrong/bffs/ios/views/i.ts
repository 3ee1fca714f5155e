import { view } from "frontdesk";

export default view("GET /i", { deprecated: { since: "2026-05-01", use: "GET /j" }, load: () => ({ ok: true }) });
