import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({ client: "short", auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) }, cookie: { sameSite: "lax", because: "so" } }) });
