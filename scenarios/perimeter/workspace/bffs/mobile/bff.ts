import { bearer, bff, t } from "frontdesk";

export default bff({
  client: "mobile",
  auth: bearer({ issuer: "login", audience: "api", claims: { name: t.string().optional() } }),
  limits: { latency: "20s", body: "16KB" },
});
