import { t, view } from "frontdesk";

export default view("GET /a/{id", {  load: () => ({ a: 1 }) });
