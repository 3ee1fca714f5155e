import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({ client: "lifetimes", auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) }, idle: "2d", absolute: "1d" }) });
