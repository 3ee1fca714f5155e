import { t, view } from "frontdesk";

export default view("GET /v2/home/:id", { input: { id: t.string() }, load: ({ id }) => ({ id }) });
