import { view } from "frontdesk";

export default view("GET /card", { load: () => ({ other: true }) });
