import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-spread/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    return { ...product, price: product.price.minor, more: true };
  },
});
