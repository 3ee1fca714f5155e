import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /v1/products", {
  load: () => shop.listProducts({}).map((product) => ({ id: product.id, title: product.title })),
});
