import { view } from "frontdesk";

export default view("GET /auth/fine", { load: () => 1 });
