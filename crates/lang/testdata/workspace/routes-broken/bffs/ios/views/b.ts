import { t, view } from "frontdesk";

export default view("get /home", {  load: () => ({ a: 1 }) });
