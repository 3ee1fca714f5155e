import { view } from "frontdesk";
import { A } from "../a.ts";

export default view("GET /home", { load: () => ({ a: A }) });
