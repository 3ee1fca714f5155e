import { bff, proxy } from "frontdesk";

export default bff({
  client: "app",
  limits: { latency: "20s", body: "16KB" },
  routes: [proxy("/passed/*", { to: "extras", strip: true, timeout: "700ms" })],
});
