import { view } from "frontdesk";

export default view("GET /news", { load: () => ({ items: ["a bed of roses"] }) });
