import { bearer, bff } from "frontdesk";

export default bff({ client: "nothing", auth: bearer({ issuer: "https://login.example.com", algorithms: [] }) });
