import { bearer, bff } from "frontdesk";

export default bff({ client: "query", auth: bearer({ issuer: "https://login.example.com/?tenant=1", audience: "api" }) });
