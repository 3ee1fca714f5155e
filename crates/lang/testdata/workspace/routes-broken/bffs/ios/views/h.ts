import { t, view } from "frontdesk";

export default view("GET /a/{id}/b/{id}", { input: { id: t.string() }, load: () => ({ a: 1 }) });
