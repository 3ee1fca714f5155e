import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /no-join-outside-callbacks/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 9 });
    return { one: page.items.find((p) => p.id === id)?.title ?? null };
  },
});
