import { t, view } from "frontdesk";
import { narrow } from "frontdesk/services";

export default view("GET /closed/{id}", {
  summary: "Every failure of its call is one problem",
  input: { id: t.string() },

  load: ({ id }) => ({ text: narrow.getTwo({ id }).text }),
});
