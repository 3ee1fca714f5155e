import { bearer, bff } from "frontdesk";

export default bff({ client: "host", auth: bearer({ issuer: "login.example.org", audience: [] }) });
