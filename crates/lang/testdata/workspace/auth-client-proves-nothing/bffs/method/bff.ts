import { bff, clientSecret, secret, session } from "frontdesk";

export default bff({
  client: "method",
  auth: session({ issuer: "https://login.example.com", client: { id: "", auth: clientSecret(secret("X"), { method: "jwt" }) } }),
});
