import { t, view } from "frontdesk";

export default view("GET /products/{productId}", { input: { prodctId: t.string() }, load: () => ({ a: 1 }) });
