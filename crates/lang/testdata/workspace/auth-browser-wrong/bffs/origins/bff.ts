import { bff } from "frontdesk";

export default bff({ client: "origins", cors: { origins: [] }, csrf: {}, headers: { csp: "" } });
