import { t, view } from "frontdesk";
import { grown } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    const ok = grown(session.locale === "de-DE" ? 18 : lang === "fr" ? 1 : 2);
    return { id };
  },
});
