import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const product = shop.getProduct({ id: "1" });
    return { a: (product.weight ? "x" : "y") as const, b: product as const, c: -(1), d: ["a", -1] as const };
  },
});
