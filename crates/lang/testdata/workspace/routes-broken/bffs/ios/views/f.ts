import { t, view } from "frontdesk";

export default view("GET /a?x=1", {  load: () => ({ a: 1 }) });
