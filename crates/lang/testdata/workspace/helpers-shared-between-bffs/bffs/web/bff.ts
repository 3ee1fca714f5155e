import { bff } from "frontdesk";

export default bff({ client: "web", owner: "team-web" });
