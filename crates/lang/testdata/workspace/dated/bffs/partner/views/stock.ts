import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /v1/stock/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    return { id, title: product.title, price: product.price, tags: product.tags, weight: product.weight };
  },
});
