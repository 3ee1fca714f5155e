import { apiKeys, bff, clientSecret, proxy, requires, secret, session, site, t } from "frontdesk";

export default bff({
  client: "web",
  auth: [
    session({
      issuer: "harbor",
      client: { id: "web-bff", auth: clientSecret(secret("WEB_SECRET")) },
      scopes: ["openid", "offline_access"],
      dpop: "auto",
      cookie: { sameSite: "lax", because: "the shop is opened from links in mails" },
      claims: { tier: t.string().optional() },
      rotate: "15m",
      sameUserLimit: 5,
    }),
    apiKeys(),
  ],
  cors: { origins: ["https://app.example.com"], credentials: true },
  headers: { csp: "default-src 'self'; img-src https://images.example.com" },
  limits: { rate: [{ per: "user", requests: 600, every: "1m", burst: 100 }] },
  routes: [
    site({ folder: "./site" }),
    proxy("/api/*", { to: "orders", auth: requires({ scopes: ["orders"], maxAge: "10m" }) }),
    proxy("/ledger/*", { to: "ledger", public: true }),
    proxy("/open/*", { to: "open", public: true, rate: { per: "ip", requests: 60, every: "1m" } }),
  ],
});
