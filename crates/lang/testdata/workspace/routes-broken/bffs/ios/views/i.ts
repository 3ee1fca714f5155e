import { t, view } from "frontdesk";

export default view("GET /a/{i d}", {  load: () => ({ a: 1 }) });
