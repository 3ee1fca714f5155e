import { action, t } from "frontdesk";
import { items } from "frontdesk/services";

export default action("POST /items/{id}/title", {
  input: { id: t.string(), title: t.string().min(1) },
  run: ({ id, title }) => {
    items.renameItem({ id, title });
    return { id, title };
  },
});
