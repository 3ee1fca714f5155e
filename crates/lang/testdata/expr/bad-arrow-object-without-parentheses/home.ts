import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => ({ list: shop.listProducts({}).map((product) => { id: product.id }) }),
});
