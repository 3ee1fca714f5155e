import { t, view } from "frontdesk";

export default view("GET /kept/{id}", {
  input: { id: t.string(), ids: t.array(t.string()), maybe: t.string().optional(), lang: t.string().header("x-lang") },
  cache: { private: "60s", store: true },
  load: () => ({ ok: true }),
});
