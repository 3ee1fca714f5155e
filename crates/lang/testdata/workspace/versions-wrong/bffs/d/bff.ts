import { bff } from "frontdesk";

export default bff({ client: "d", versions: { supported: [], upgrade: "javascript:alert(1)" } });
