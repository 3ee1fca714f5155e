import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /list", {
  summary: "Items",
  input: {
    limit: t.integer().min(1).max(500).default(10),
    sort: t.enum(["title", "price"]).optional(),
    q: t.string().min(2).max(8).optional(),
  },

  load: ({ limit }) => ({ items: items.listItems({ limit }).map(({ id, title, minor }) => ({ id, title, minor })) }),
});
