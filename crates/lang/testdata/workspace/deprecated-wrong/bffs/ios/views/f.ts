import { view } from "frontdesk";

export default view("GET /f", { deprecated: { since: "tomorrow", use: "something else", when: "now" }, load: () => ({ ok: true }) });
