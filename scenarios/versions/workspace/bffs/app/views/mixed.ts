import { deprecated, t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /mixed/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => {
    const item = items.getItem({ id });
    return {
      title: deprecated({ since: "2026-05-01", use: "name" }, item.title),
      name: item.title,
      parts: (item.tags ?? []).map((tag) => ({ tag, label: deprecated({ since: "2026-06-01" }, tag) })),
    };
  },
});
