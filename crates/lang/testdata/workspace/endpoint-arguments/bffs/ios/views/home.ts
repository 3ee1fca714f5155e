import { view } from "frontdesk";

export default view({ route: "GET /home", load: () => ({ a: 1 }) });
