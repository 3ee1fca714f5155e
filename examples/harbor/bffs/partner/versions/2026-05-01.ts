// Until 2026-11-01 all prices of a page were in one currency, and products could not be asked for one by one.
import { version } from "frontdesk";

export default version("2026-05-01", {
  "GET /partner/v1/catalogue": ({ items, next }) => ({
    currency: items[0]?.price.currency ?? "EUR",
    items: items.map(({ price, ...item }) => ({ ...item, amountMinor: price.amountMinor })),
    next,
  }),
  "GET /partner/v1/products/{productId}": null,
});
