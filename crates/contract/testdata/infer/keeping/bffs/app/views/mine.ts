import { view } from "frontdesk";

export default view("GET /mine", { cache: { private: "5m" }, load: () => ({ ok: true }) });
