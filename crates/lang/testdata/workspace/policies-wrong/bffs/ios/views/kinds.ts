import { t, view } from "frontdesk";

export default view("GET /kinds/{id}", {
  input: { id: t.string() },
  cache: { public: 60, ttl: "60s", tags: "home" }, bulkhead: "50", priority: 1,
  load: () => ({ ok: true }),
});
