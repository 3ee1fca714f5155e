import { bff, session } from "frontdesk";

export default bff({ client: "none", auth: session({ providers: {} }) });
