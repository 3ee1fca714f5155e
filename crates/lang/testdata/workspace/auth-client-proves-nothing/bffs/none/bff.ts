import { bff, session } from "frontdesk";

export default bff({ client: "none", auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: "none" } }) });
