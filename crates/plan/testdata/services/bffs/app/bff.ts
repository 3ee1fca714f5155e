import { bff } from "frontdesk";

export default bff({
  client: "app",
  versions: { minimum: "4.0.0", supported: ["4.0.0", "5.1.0"] },
  locales: ["en-GB"],
  currency: "EUR",
  limits: { latency: "400ms" },
  errors: {
    not_found: { status: 404, title: "There is no such thing" },
    shop_trouble: { status: 502, title: "The shop is closed" },
    orders_trouble: { status: 503 },
    empty: { status: 409, title: "There is nothing" },
    "shop.getProduct:404": "not_found",
    "shop.getProduct": "shop_trouble",
    "orders": "orders_trouble",
  },
});
