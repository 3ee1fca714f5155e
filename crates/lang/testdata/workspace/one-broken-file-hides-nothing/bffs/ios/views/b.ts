import { view } from "frontdesk";
import { helper } from "../helper.ts";

export default view("GET /b", { lod: () => ({ b: helper(1) }) });
