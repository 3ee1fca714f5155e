import { apiKeys, bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "twice",
  auth: [
    session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }),
    session({ issuer: "https://staff.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) } }),
    apiKeys(),
    apiKeys({ header: "x-other" }),
  ],
});
