import { view } from "frontdesk";

export default view("GET /total", { load: () => ({ total: 1 }) });
