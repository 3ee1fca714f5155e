import { bff, proxy } from "frontdesk";

export default bff({
  client: "ios-app",
  owner: "team-ios",
  locales: ["en-GB", "de-DE", "zh-Hant-TW"],
  currency: "EUR",
  limits: { latency: "500ms", body: "64KB" },
  errors: {
    cart_empty: { status: 409, title: "The cart is empty" },
    not_found: { status: 404 },
    "basket.getBasket:404": "not_found",
    "shop.getProduct": "not_found",
    "legacy:500": "not_found",
    legacy: "cart_empty",
  },
  routes: [
    proxy("/legacy/*", { to: "legacy", strip: true, headers: { remove: ["Cookie"], add: { "X-Edge": "ios" } }, timeout: "2s" }),
    proxy("/old/pages/*", { to: "shop" }),
  ],
});
