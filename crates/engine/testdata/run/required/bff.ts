import { bff } from "frontdesk";

export default bff({
  client: "app",
  locales: ["en-GB"],
  currency: "EUR",
  limits: { latency: "200ms" },
  errors: {
    cart_not_found: { status: 404, title: "There is no such cart" },
    busy: { status: 409 },
    "shop.getCart:404": "cart_not_found",
    "shop:409": "busy",
  },
});
