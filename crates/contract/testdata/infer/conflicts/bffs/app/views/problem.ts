import { view } from "frontdesk";

export default view("GET /problem", { load: () => ({ is: "a view" }) });
