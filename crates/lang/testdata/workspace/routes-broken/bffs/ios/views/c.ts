import { t, view } from "frontdesk";

export default view("POST /home", {  load: () => ({ a: 1 }) });
