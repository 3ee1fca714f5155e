import { t, view } from "frontdesk";

export default view("GET /key/{id}", {
  input: { id: t.string(), ids: t.array(t.string()), maybe: t.string().optional(), lang: t.string().header("x-lang") },
  idempotency: "required",
  load: () => ({ ok: true }),
});
