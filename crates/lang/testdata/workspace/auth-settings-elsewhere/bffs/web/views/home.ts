import { view } from "frontdesk";

export default view("GET /home", { scopes: ["x"], headerless: true, maxAge: "5m", load: () => 1 });
