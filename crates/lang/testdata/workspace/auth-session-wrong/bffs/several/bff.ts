import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "several",
  auth: session({ issuer: "https://login.example.com", scopes: ["openid"], providers: { "a b": { issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }, c: {}, d: { issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) }, idle: "1h" } } }),
});
