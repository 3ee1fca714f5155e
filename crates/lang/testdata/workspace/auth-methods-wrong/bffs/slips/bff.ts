import { apiKeys, bff } from "frontdesk";

export default bff({ client: "slips", auth: [sesion({ issuer: "https://login.example.com" }), apiKeys] });
