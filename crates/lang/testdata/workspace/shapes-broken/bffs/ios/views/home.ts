import { view } from "frontdesk";
import { one, two } from "../shapes/a.ts";
import { three } from "../shapes/b.ts";

export default view("GET /home", { load: () => ({ one: one(), two: two(), three: three() }) });
