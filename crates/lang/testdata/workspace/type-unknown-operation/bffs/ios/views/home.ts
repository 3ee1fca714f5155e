import { view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", { load: () => ({ title: shop.getProdct({ id: "1" }).title }) });
