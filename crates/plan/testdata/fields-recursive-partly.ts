import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-recursive-partly/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const categories = shop.listCategories({});
    return { names: categories.flatMap((c) => [c.name, ...c.children.map((child) => `${c.name}/${child.name}`)]) };
  },
});
