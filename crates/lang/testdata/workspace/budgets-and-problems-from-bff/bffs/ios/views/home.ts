import { problem, view } from "frontdesk";
import { basket } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const lines = basket.getBasket({ basketId: "1" }).lines;
    if (lines.length === 0) throw problem("cart_empty");
    return { lines };
  },
});
