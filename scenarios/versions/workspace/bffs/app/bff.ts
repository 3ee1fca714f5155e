import { bff, proxy } from "frontdesk";

export default bff({
  client: "app",
  owner: "team-app",
  limits: { latency: "20s", body: "16KB" },
  versions: {
    header: "X-Client-Version",
    minimum: "4.2.0",
    supported: ["4.2.0", "5.0.0", "5.1.0"],
    upgrade: "https://example.com/get-the-app?from=here",
  },
  openapi: true,
  cors: { origins: ["https://app.example.com"] },
  routes: [proxy("/legacy/*", { to: "legacy" })],
});
