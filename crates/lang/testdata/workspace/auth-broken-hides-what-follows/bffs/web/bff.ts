import { bff, session } from "frontdesk";

export default bff({
  client: "web",
  auth: session({ issuer: "https://login.example.com", client: { id: "web" }, claims: {} }),
  limits: { rate: { per: "session", requests: 1, every: "1m" } },
});
