import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /titles", {
  load: () => shop.listProducts({}).items.map((item) => ({ title: item.title })),
});
