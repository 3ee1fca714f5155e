import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /strict/{id}", {
  summary: "One item, and nothing without it",
  input: { id: t.string().min(1).max(64) },

  load: ({ id }) => {
    const item = items.getItem({ id });
    return { id: item.id, title: item.title, minor: item.minor, weight: item.weight, tags: item.tags, note: item.note };
  },
});
