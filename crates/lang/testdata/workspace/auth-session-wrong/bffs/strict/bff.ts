import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "strict",
  auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) }, cookie: { sameSite: "strict", because: "it is the best there is" } }),
});
