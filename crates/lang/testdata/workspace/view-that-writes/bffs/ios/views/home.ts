import { view } from "frontdesk";
import { basket } from "frontdesk/services";

export default view("GET /home", {
  load: () => ({ lines: basket.addLine({ basketId: "1", productId: "2", quantity: 1 }).lines.length }),
});
