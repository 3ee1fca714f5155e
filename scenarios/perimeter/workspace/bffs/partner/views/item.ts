import { t, view } from "frontdesk";
import { catalog } from "frontdesk/services";

export default view("GET /items/{id}", {
  input: { id: t.string().min(1).max(64) },
  load: ({ id }) => ({ title: catalog.getItem({ id }).title }),
});
