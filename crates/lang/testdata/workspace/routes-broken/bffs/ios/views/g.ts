import { t, view } from "frontdesk";

export default view("GET /a/{id}.json", {  load: () => ({ a: 1 }) });
