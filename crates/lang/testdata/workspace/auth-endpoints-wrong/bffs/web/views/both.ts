import { requires, view } from "frontdesk";

export default view("GET /both", { public: true, auth: requires({ scopes: ["x"] }), load: () => 1 });
