import { problem, t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    if (session.locale !== "de-DE") throw problem("german_only", { status: 403 });
    if (lang === "fr") throw problem("not_french", { status: 403 });
    return { id };
  },
});
