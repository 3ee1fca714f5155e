import { bff, clientSecret, proxy, secret, session, site, t } from "frontdesk";

export default bff({
  client: "web",
  owner: "team-web",
  locales: ["en-GB", "de-DE", "fr-FR", "nl-NL"],
  currency: "EUR",
  // The browser gets a cookie that means nothing outside of this BFF; the tokens stay here.
  auth: session({
    issuer: "harbor",
    client: { id: "harbor-web", auth: clientSecret(secret("HARBOR_WEB_SECRET")) },
    scopes: ["openid", "profile", "offline_access"],
    idle: "60m",
    absolute: "12h",
    sameUserLimit: 20,
    claims: {
      name: t.string().default("you"),
      tier: t.enum(["gold", "basic"]).default("basic"),
    },
  }),
  limits: {
    latency: "600ms",
    body: "256KB",
    rate: [
      { per: "user", requests: 600, every: "1m", burst: 200 },
      { per: "ip", requests: 3000, every: "1m", burst: 600 },
    ],
  },
  errors: {
    product_not_found: { status: 404, title: "There is no such product" },
    cart_empty: { status: 409, title: "The cart is empty" },
    payment_declined: { status: 422, title: "The payment was declined" },
    "catalog.getProduct:404": "product_not_found",
    "payments.authorize:422": "payment_declined",
  },
  routes: [
    // The pages themselves: anybody may have them, what they show is asked for.
    site({ folder: "./site" }),
    // The old shop pages, until each has become a view.
    proxy("/legacy/*", {
      to: "catalog",
      public: true,
      strip: true,
      // Kept for as long as the service itself says.
      cache: "http",
      headers: { remove: ["cookie"], add: { "x-harbor-edge": "web" } },
    }),
  ],
});
