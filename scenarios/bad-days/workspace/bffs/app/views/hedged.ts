import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /hedged/{id}", {
  summary: "One item, asked for twice if it is slow",
  input: { id: t.string().min(1).max(64) },

  load: ({ id }) => ({ title: items.getItem({ id }, { hedge: "20ms" }).title }),
});
