import { apiKeys, bff } from "frontdesk";

export default bff({ client: "keys", auth: apiKeys() });
