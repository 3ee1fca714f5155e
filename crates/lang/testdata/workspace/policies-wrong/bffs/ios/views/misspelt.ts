import { t, view } from "frontdesk";

export default view("GET /misspelt/{id}", {
  input: { id: t.string(), ids: t.array(t.string()), maybe: t.string().optional(), lang: t.string().header("x-lang") },
  cache: { publik: "60s", stael: "1m" },
  load: () => ({ ok: true }),
});
