import { view } from "frontdesk";

export default view("GET /words", { auth: "admin", public: "yes", csrf: false, load: () => 1 });
