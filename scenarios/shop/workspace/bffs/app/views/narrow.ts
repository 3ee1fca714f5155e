import { t, view } from "frontdesk";
import { narrow } from "frontdesk/services";

export default view("GET /narrow/{id}", {
  summary: "One call at a time",
  input: { id: t.string() },

  load: ({ id }) => ({ text: narrow.getOne({ id }).text }),
});
