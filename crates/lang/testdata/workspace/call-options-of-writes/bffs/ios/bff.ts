import { bff } from "frontdesk";

export default bff({ client: "ios" });
