import { bff, clientSecret, proxy, secret, session, site, t } from "frontdesk";

export default bff({
  client: "web",
  auth: session({
    issuer: "login",
    client: { id: "web", auth: clientSecret(secret("WEB_SECRET")) },
    scopes: ["openid", "profile", "offline_access"],
    claims: { name: t.string() },
  }),
  cors: { origins: ["https://app.example.com"], credentials: true },
  limits: { latency: "20s", body: "16KB" },
  routes: [
    proxy("/private/*", { to: "legacy", strip: true, headers: { remove: ["x-requested-with"], add: { "x-from": "frontdesk" } } }),
    proxy("/open/*", { to: "open", strip: true, public: true }),
    site({ folder: "./site" }),
  ],
});
