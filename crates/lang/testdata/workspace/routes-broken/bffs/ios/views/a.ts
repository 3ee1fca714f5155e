import { t, view } from "frontdesk";

export default view("/home", {  load: () => ({ a: 1 }) });
