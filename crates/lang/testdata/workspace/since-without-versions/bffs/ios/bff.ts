import { bff } from "frontdesk";

export default bff({ client: "ios", versions: { minimum: "5.0.0" } });
