import { bff, clientSecret, device, secret } from "frontdesk";

export default bff({ client: "none", auth: device({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }) });
