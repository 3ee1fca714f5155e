import { view } from "frontdesk";
import { greeting } from "../../shared/greeting.ts";

export default view("GET /home", { load: () => ({ hello: greeting("ios") }) });
