import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-rest/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const { price, brand, ...product } = shop.getProduct({ id });
    return { ...product, minor: price.minor };
  },
});
