import { requires, view } from "frontdesk";

export default view("GET /nothing", { auth: requires({}), load: () => 1 });
