import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /categories", {
  load: () => ({ all: shop.listCategories({}), first: shop.listCategories({})[0]?.parent ?? null }),
});
