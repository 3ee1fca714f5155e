import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /kept/{id}", {
  summary: "One item, as it was a moment ago",
  input: { id: t.string().min(1).max(64) },

  load: ({ id }) => {
    const item = items.getItem({ id }, { cache: { ttl: "500ms", staleIfError: "1h", tags: ["items"] } });
    return { title: item.title };
  },
});
