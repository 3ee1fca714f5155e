import { bff, session } from "frontdesk";

export default bff({ client: "missing", auth: session({ issuer: "https://login.example.com", client: { id: "web" } }) });
