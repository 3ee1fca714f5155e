import { t, view } from "frontdesk";
import { both } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const words = { mine: session.subject, ours: "all" };
    return { id, word: words.ours, open: both(id, session.subject).open };
  },
});
