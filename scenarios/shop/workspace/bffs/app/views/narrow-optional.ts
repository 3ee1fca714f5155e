import { t, view } from "frontdesk";
import { narrow } from "frontdesk/services";

export default view("GET /narrow-optional/{id}", {
  summary: "One call at a time, if there is a place",
  input: { id: t.string() },

  load: ({ id }) => {
    const one = narrow.getOne({ id }, { optional: true });
    return { text: one?.text ?? "later" };
  },
});
