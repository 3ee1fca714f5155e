import { view } from "frontdesk";

const LIMIT: string = 12;
const STATE: "new" | "used" = "old";
const NOW = Date.now();
const SUM = LIMIT.length + 1;

export default view("GET /home", { load: () => ({ LIMIT, STATE, NOW, SUM }) });
