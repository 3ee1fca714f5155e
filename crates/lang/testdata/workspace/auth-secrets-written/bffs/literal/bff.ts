import { bff, clientSecret, session } from "frontdesk";

export default bff({
  client: "literal",
  auth: session({ issuer: "https://login.example.com", client: { id: "web", auth: clientSecret("hunter2") } }),
});
