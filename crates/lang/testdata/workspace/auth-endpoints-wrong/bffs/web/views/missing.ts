import { view } from "frontdesk";

export default view("GET /missing", { auth: requires({ scopes: ["x"] }), load: () => 1 });
