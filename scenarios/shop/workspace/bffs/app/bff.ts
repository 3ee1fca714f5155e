import { bff, proxy } from "frontdesk";

export default bff({
  client: "app",
  owner: "team-app",
  locales: ["en-GB", "de-DE"],
  currency: "EUR",
  limits: { latency: "20s", body: "16KB" },
  errors: {
    item_gone: { status: 410, title: "This item is no longer sold" },
    sold_out: { status: 409, title: "Sold out" },
    shop_closed: { status: 503, title: "The shop is closed" },
    "items.getItem:410": "item_gone",
    "items.createOrder:409": "sold_out",
    "narrow.getTwo": "shop_closed",
  },
  routes: [
    proxy("/legacy/*", {
      to: "legacy",
      strip: true,
      headers: {
        remove: ["x-secret"],
        add: { "x-from": "frontdesk" },
        forward: ["x-secret", "x-kept"],
        answer: ["x-own"],
      },
    }),
    proxy("/things/*", { to: "legacy", timeout: "1s" }),
  ],
});
