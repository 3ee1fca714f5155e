import { bff } from "frontdesk";

export default bff({ client: "partner", versions: { dates: ["2036-11-01"] }, openapi: false });
