import { view } from "frontdesk";

export default view("GET /products/best", { load: () => ({ a: 1 }) });
