import { bearer, bff } from "frontdesk";

export default bff({ client: "name", auth: bearer({ issuer: "habor", audience: "api" }) });
