import { bearer, bff } from "frontdesk";

export default bff({
  client: "settings",
  auth: bearer({
    issuer: "https://login.example.com",
    algorithms: ["none", "HS256", "rs256", "ES512"],
    types: [],
    leeway: "61s",
    scopes: ["a b"],
    introspect: true,
    dpop: true,
    audiense: "api",
  }),
});
