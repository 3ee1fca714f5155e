import { view } from "frontdesk";

export default view("GET /v1/stock", { deprecated: { since: "2026-05-01", use: "GET /v2/stok" }, load: () => ({ ok: true }) });
