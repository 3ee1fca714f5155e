import { t, view } from "frontdesk";

export default view("GET /" + "x", {  load: () => ({ a: 1 }) });
