import { t, view } from "frontdesk";

export default view("GET /products/:sku", { input: { sku: t.string() }, load: ({ sku }) => ({ sku }) });
