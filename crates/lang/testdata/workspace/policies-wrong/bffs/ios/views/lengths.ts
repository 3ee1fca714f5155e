import { t, view } from "frontdesk";

export default view("GET /lengths/{id}", {
  input: { id: t.string(), ids: t.array(t.string()), maybe: t.string().optional(), lang: t.string().header("x-lang") },
  cache: { public: "500ms", stale: "31d", staleIfError: 5 },
  load: () => ({ ok: true }),
});
