import { bearer, bff } from "frontdesk";

export default bff({ client: "tokens", auth: bearer({ issuer: "harbor", audience: "api" }) });
