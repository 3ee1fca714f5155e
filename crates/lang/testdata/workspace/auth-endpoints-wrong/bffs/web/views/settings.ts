import { requires, view } from "frontdesk";

export default view("GET /settings", { auth: requires({ scope: ["x"], scopes: "x", acr: [], maxAge: "never" }), load: () => 1 });
