import { view } from "frontdesk";
import { view as view } from "./home.ts";
export { view, view as view };
export default view("GET /a", { load: load() {} });