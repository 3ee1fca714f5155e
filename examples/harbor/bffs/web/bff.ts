import { bff, proxy } from "frontdesk";

export default bff({
  client: "web",
  owner: "team-web",
  locales: ["en-GB", "de-DE", "fr-FR", "nl-NL"],
  currency: "EUR",
  limits: { latency: "600ms", body: "256KB" },
  errors: {
    product_not_found: { status: 404, title: "There is no such product" },
    "catalog.getProduct:404": "product_not_found",
  },
  // The old shop pages, until each has become a view.
  routes: [
    proxy("/legacy/*", {
      to: "catalog",
      strip: true,
      headers: { remove: ["cookie"], add: { "x-harbor-edge": "web" } },
    }),
  ],
});
