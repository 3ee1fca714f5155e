import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const product = shop.getProduct({ id: "1" });
    return { title: product.titel, wrong: product.title.length - "1" };
  },
});
