import { view } from "frontdesk";

export default view("GET /still", { load: () => ({ at: "rest" }) });
