import { t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    if (session.locale === "de-DE" || lang === "de") return { id, more: true };
    return { id, more: false };
  },
});
