import { bearer, bff } from "frontdesk";

export default bff({ client: "plain", auth: bearer({ issuer: "http://login.example.com", audience: "api" }) });
