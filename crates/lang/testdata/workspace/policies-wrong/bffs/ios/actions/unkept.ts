import { action } from "frontdesk";

export default action("POST /kept", { cache: { public: "60s" }, idempotency: "requird", run: () => ({ ok: true }) });
