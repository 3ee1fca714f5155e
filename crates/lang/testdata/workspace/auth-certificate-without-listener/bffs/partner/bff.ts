import { bff, certificate } from "frontdesk";

export default bff({ client: "partner", auth: certificate({ clients: { "a.example.com": { subject: "a" } } }) });
