import { bff, certificate } from "frontdesk";

export default bff({
  client: "certificates",
  auth: certificate({ clients: { "*.example.com": { subject: "all" }, "a.example.com": { subjct: "a" }, "b.example.com": { scopes: "orders" } } }),
});
