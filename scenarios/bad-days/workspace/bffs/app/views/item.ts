import { t, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /items/{id}", {
  summary: "One item, and a note if there is one",
  input: { id: t.string().min(1).max(64) },

  load: ({ id }) => {
    const item = items.getItem({ id });
    const note = extras.getNote({ id }, { optional: true });
    return { id: item.id, title: item.title, note: note?.text ?? null };
  },
});
