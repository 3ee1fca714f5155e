import { bff } from "frontdesk";

export default bff({
  client: "app",
  locales: ["en-GB"],
  currency: "EUR",
  errors: {
    not_found: { status: 404, title: "There is no such thing" },
    shop_trouble: { status: 502, title: "The shop is closed" },
    orders_trouble: { status: 503 },
    empty: { status: 409, title: "There is nothing" },
    "shop.getProduct:404": "not_found",
    "shop.getProduct:409": "empty",
    "shop.getProduct:422": "empty",
    "orders": "orders_trouble",
    "shop.listReviews": "shop_trouble",
  },
});
