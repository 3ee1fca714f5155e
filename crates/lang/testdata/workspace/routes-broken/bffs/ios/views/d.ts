import { t, view } from "frontdesk";

export default view("GET home", {  load: () => ({ a: 1 }) });
