import { view } from "frontdesk";

export default view("GET /v1/broken", { load: () => nothing.at.all });
