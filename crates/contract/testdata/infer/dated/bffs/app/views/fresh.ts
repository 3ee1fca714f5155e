import { view } from "frontdesk";

export default view("GET /v1/fresh", { load: () => ({ fresh: true }) });
