import { view } from "frontdesk";

export default view("GET /products/{id}/b", { load: () => ({ a: 1 }) });
