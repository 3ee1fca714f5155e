import { view } from "frontdesk";

export default view("GET /home", { deprecated: { since: "2026-05-01" }, load: () => ({ ok: true }) });
