import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { id: t.integer(), sort: t.string().optional() },
  load: ({ id, sort }) => ({ a: shop.getProduct({ id }), b: shop.listProducts({ sort }), c: shop.getProduct({}) }),
});
