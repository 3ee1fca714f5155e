// The first contract: prices in euros instead of cents, the names that the old price list had.
import { version } from "frontdesk";

export default version("2026-01-01", {
  "GET /partner/v1/catalogue": ({ currency, items, next }) => ({
    currency,
    products: items.map(({ title, amountMinor, ...item }) => ({ ...item, name: title, price: amountMinor / 100 })),
    cursor: next,
  }),
  // Nobody was told then how many there are.
  "GET /partner/v1/stock/{productId}": ({ productId, available, backOn }) => ({
    productId,
    inStock: available,
    restockAt: backOn,
  }),
});
