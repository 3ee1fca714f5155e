import { t, view } from "frontdesk";

export default view("GET /products/{id}", { input: { id: t.string() }, load: ({ id }) => ({ id }) });
