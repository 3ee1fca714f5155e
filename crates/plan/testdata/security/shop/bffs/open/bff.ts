import { bff } from "frontdesk";

export default bff({ client: "open", openapi: true });
