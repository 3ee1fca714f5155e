import { view } from "frontdesk";

export default view("GET /c", { deprecated: { since: "2026-05-01", sunset: "2026-05-01", because: " " }, load: () => ({ ok: true }) });
