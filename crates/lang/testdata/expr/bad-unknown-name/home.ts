import { view } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /home", {
  load: () => {
    const product = shop.getProduct({ id: "1" });
    return { a: prodct.title, b: keyby(product.tags, (tag) => tag), c: pricing.quote({}) };
  },
});
