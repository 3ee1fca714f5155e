import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /plain/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => ({ title: items.getItem({ id }).title }),
});
