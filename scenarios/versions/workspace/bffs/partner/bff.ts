import { bff, proxy } from "frontdesk";

export default bff({
  client: "partner",
  limits: { latency: "20s", body: "16KB" },
  versions: { dates: ["2026-11-01", "2026-05-01", "2026-01-01"] },
  openapi: true,
  routes: [proxy("/legacy/*", { to: "legacy" })],
});
