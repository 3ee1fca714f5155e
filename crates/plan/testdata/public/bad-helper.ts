import { t, view } from "frontdesk";
import { greeting } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const me = session.subject;
    const text = greeting(me);
    return { id, texts: [{ text }] };
  },
});
