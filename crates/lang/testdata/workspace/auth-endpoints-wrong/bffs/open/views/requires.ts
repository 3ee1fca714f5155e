import { requires, view } from "frontdesk";

export default view("GET /requires", { auth: requires({ scopes: ["x"] }), load: () => 1 });
