import { bff, proxy } from "frontdesk";

export default bff({
  client: "bench",
  owner: "bench",
  locales: ["en-GB"],
  currency: "EUR",
  limits: { latency: "2s" },
  routes: [proxy("/pass/*", { to: "things", strip: false, headers: { remove: ["cookie"], add: { "x-bff": "bench" } } })],
});
