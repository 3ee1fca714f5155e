import { view } from "frontdesk";

export default view("GET /mine", { cache: { private: "5m", stale: "1m" }, load: () => ({ ok: true }) });
