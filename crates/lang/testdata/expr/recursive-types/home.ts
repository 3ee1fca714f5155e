import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const categories = shop.listCategories({});
    return categories.map((c) => ({ name: c.name, children: c.children.map((child) => child.children.length), parent: c.parent?.parent?.name }));
  },
});
