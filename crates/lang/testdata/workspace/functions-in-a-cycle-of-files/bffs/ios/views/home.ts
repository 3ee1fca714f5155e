import { view } from "frontdesk";
import { a } from "../a.ts";

export default view("GET /home", { load: () => ({ a: a("x") }) });
