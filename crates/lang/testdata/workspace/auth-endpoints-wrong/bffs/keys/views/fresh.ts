import { requires, view } from "frontdesk";

export default view("GET /fresh", { auth: requires({ acr: "gold", maxAge: "5m" }), load: () => 1 });
