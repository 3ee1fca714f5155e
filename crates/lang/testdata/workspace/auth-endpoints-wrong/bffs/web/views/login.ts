import { view } from "frontdesk";

export default view("GET /auth/profile", { load: () => 1 });
