import { view } from "frontdesk";

export default view("GET /v3/home", { load: () => ({ title: "Home" }) });
