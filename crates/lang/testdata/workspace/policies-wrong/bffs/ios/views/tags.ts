import { t, view } from "frontdesk";

export default view("GET /tags/{id}", {
  input: { id: t.string(), ids: t.array(t.string()), maybe: t.string().optional(), lang: t.string().header("x-lang") },
  cache: { public: "60s", tags: ["", "a b", "a,b", "produkt:{produktId}", "{idd}", "{ids}", "{maybe}", "{lang}", "{id", "id}", "{}", "é", "home", "home", 5] },
  load: () => ({ ok: true }),
});
