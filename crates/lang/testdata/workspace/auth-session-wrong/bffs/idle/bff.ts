import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({ client: "idle", auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) }, idle: "13h" }) });
