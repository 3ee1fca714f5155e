import { t, view } from "frontdesk";

export default view("GET /code/{id}", {
  input: { id: t.string(), ids: t.array(t.string()), maybe: t.string().optional(), lang: t.string().header("x-lang") },
  cache: { public: "60s", tags: [`product:${"x"}`] },
  load: () => ({ ok: true }),
});
