import { view } from "frontdesk";

export default view("GET /whole", { load: (_, context) => context });
