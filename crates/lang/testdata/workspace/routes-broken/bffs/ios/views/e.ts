import { t, view } from "frontdesk";

export default view("GET /a//b", {  load: () => ({ a: 1 }) });
