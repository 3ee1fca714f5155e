import { bff } from "frontdesk";

export default bff({ client: "f", versions: { minimun: "4.2.0", header: "X_Version" } });
