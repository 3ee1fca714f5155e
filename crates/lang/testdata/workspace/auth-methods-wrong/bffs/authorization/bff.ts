import { apiKeys, bearer, bff } from "frontdesk";

export default bff({
  client: "authorization",
  auth: [bearer({ issuer: "https://login.example.com", audience: "api" }), apiKeys({ header: "Authorization" })],
});
