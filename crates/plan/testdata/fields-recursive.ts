import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-recursive/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const categories = shop.listCategories({});
    return { tree: categories, names: categories.map((c) => c.children.map((child) => child.name)) };
  },
});
