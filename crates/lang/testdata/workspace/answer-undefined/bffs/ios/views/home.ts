import { view } from "frontdesk";
import { basket } from "frontdesk/services";

export default view("GET /home", { load: () => basket.getBasket({ basketId: "1" }).coupon });
