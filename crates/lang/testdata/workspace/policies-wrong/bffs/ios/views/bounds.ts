import { t, view } from "frontdesk";

export default view("GET /bounds/{id}", {
  input: { id: t.string(), ids: t.array(t.string()), maybe: t.string().optional(), lang: t.string().header("x-lang") },
  bulkhead: 0, priority: "high",
  load: () => ({ ok: true }),
});
