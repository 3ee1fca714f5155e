import { t, view } from "frontdesk";

export default view("GET /ä", {  load: () => ({ a: 1 }) });
