import { requires, view } from "frontdesk";

export default view("GET /approval", { auth: requires({ approval: true }), load: () => 1 });
