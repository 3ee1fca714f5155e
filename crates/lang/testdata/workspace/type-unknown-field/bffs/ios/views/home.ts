import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", { load: () => ({ title: shop.getProduct({ id: "1" }).titel }) });
