import { t, view } from "frontdesk";
import { greeting } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    const me = session.locale;
    return { id, texts: [{ text: greeting(me), other: greeting(lang ?? "") }] };
  },
});
