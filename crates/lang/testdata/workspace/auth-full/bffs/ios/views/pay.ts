import { requires, view } from "frontdesk";

export default view("GET /pay", { auth: requires({ approval: true, acr: "gold" }), load: () => ({ paid: true }) });
