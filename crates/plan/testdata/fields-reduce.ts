import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-reduce/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 20 });
    const dearest = page.items.reduce((best, p) => (p.price.minor > best.minor ? { minor: p.price.minor, title: p.title } : best), { minor: 0, title: "" });
    return { title: dearest.title };
  },
});
