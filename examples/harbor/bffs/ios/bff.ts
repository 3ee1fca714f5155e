import { bearer, bff } from "frontdesk";

export default bff({
  client: "ios",
  owner: "team-ios",
  locales: ["en-GB", "de-DE", "fr-FR"],
  currency: "EUR",
  // 4.2.0 is the oldest in the field; whoever says nothing is taken for one.
  versions: {
    header: "X-Client-Version",
    minimum: "4.2.0",
    supported: ["4.2.0", "5.0.0", "5.1.0", "6.0.0"],
    upgrade: "https://harbor.example/apps/ios",
  },
  // The app signs in at the provider itself and shows its access token.
  auth: bearer({ issuer: "harbor", audience: "harbor-ios", scopes: ["shop"] }),
  limits: { latency: "400ms", body: "64KB" },
  errors: {
    cart_empty: { status: 409, title: "The cart is empty" },
    cart_not_found: { status: 404, title: "There is no such cart" },
    payment_declined: { status: 422, title: "The payment was declined" },
    delivery_gone: { status: 409, title: "This delivery option is no longer available" },
    "cart.getCart:404": "cart_not_found",
    "cart.addItem:404": "cart_not_found",
    "payments.authorize:422": "payment_declined",
    "shipping.bookDelivery:409": "delivery_gone",
  },
});
