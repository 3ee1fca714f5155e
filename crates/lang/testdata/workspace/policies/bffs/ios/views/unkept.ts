import { view } from "frontdesk";

export default view("GET /unkept", { cache: { public: "1h", store: false }, load: () => ({ ok: true }) });
