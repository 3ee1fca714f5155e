import { view } from "frontdesk";

export default view("GET /b", { deprecated: { since: "2026-05-01", enforce: true }, load: () => ({ ok: true }) });
