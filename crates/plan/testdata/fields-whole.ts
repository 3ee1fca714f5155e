import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-whole/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    return product;
  },
});
