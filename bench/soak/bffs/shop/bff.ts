import { bearer, bff, proxy } from "frontdesk";

export default bff({
  client: "shop",
  owner: "bench",
  auth: bearer({ issuer: "login", audience: "shop" }),
  // More than the load: the rate is counted for every request, in the store that the instances share.
  limits: { latency: "2s", rate: [{ per: "user", requests: 100000, every: "1m", burst: 100000 }] },
  routes: [proxy("/pages/*", { to: "pages", strip: false, public: true, cache: "http" })],
});
