import { bff, clientSecret, privateKeyJwt, proxy, requires, secret, session, site, t } from "frontdesk";

export default bff({
  client: "web",
  auth: session({
    providers: {
      harbor: {
        issuer: "harbor",
        client: { id: "web-bff", auth: privateKeyJwt(secret("WEB_CLIENT_KEY")) },
        scopes: ["openid", "profile", "offline_access"],
        resources: ["https://api.example.com"],
        par: "required",
        dpop: "auto",
        parameters: { prompt: "consent" },
      },
      staff: {
        issuer: "http://127.0.0.1:9000/realms/staff",
        client: { id: "web-bff", auth: clientSecret(secret("STAFF_SECRET"), { method: "post" }) },
        scopes: ["profile"],
      },
    },
    cookie: { name: "shop", sameSite: "lax", because: "the shop is opened from links in mails", remember: true },
    idle: "30m",
    absolute: "8h",
    sameUserLimit: 20,
    rotate: "15m",
    background: true,
    afterLogout: "/goodbye?from=shop",
    claims: {
      tier: t.enum(["gold", "basic"]),
      locale: t.string(),
      groups: t.array(t.string()).optional(),
      name: t.string().default("you"),
    },
  }),
  cors: {
    origins: ["https://app.example.com", "http://localhost:5173"],
    headers: ["X-Trace"],
    expose: ["ETag"],
    credentials: true,
    maxAge: "1h",
  },
  csrf: { header: "X-Shop" },
  headers: { forward: ["X-Request-Id"], answer: ["ETag"], csp: "default-src 'self'" },
  limits: {
    latency: "500ms",
    rate: [
      { per: "user", requests: 600, every: "1m", burst: 100 },
      { per: "ip", requests: 6000, every: "1h" },
    ],
  },
  routes: [
    site({ folder: "./site", fallback: "index.html" }),
    proxy("/api/*", {
      to: "shop",
      auth: requires({ scopes: ["shop"] }),
      headers: { forward: ["accept-language"], answer: ["etag"], remove: ["x-old"] },
      cost: 2,
    }),
    proxy("/open/*", { to: "shop", public: true }),
  ],
});
