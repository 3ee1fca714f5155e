import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /products/{id}", {
  input: { id: t.string(), brief: t.boolean().default(false) },
  load: ({ id, brief }) => {
    const product = shop.getProduct({ id }, { optional: true });
    if (product === null) return { found: false };
    if (brief) return { found: true, title: product.title };
    const { title, tags, labels = {}, weight } = product;
    return { found: true, title, tags, weight, labels: Object.keys(labels), first: labels["x"] };
  },
});
