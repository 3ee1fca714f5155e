import { bff } from "frontdesk";

export default bff({ client: "g", versions: "4.2.0" });
