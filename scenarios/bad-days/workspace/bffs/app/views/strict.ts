import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /strict/{id}", {
  summary: "One item, and nothing without it",
  input: { id: t.string().min(1).max(64) },

  load: ({ id }) => ({ title: items.getItem({ id }).title }),
});
