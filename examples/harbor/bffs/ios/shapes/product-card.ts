import { deprecated, money, number, shape, since } from "frontdesk";
import { catalog, inventory } from "frontdesk/services";
import { thumbnail } from "../display.ts";

type Availability = "in-stock" | "few" | "sold-out" | "unknown";

/** A product in a row of cards. Used in lists: the calls of all cards together are one batch each. */
export const productCard = shape("ProductCard", (id: string, locale: string) => {
  const product = catalog.getProduct({ productId: id }, { optional: true });
  const stock = inventory.getStock({ productId: id }, { within: "80ms", optional: true });
  const soldOut = product === null || (stock !== null && stock.available === 0);
  const availability: Availability = soldOut
    ? "sold-out"
    : stock === null
      ? "unknown"
      : stock.available <= 5
        ? "few"
        : "in-stock";
  return {
    id,
    title: product?.title ?? "Unavailable",
    thumbnail: thumbnail(product?.imageUrl),
    price: product && money(product.price.amountMinor, product.price.currency, locale),
    soldOut: deprecated(
      { since: "2026-09-01", sunset: "2027-09-01", use: "availability", because: "it cannot say that few are left" },
      soldOut,
    ),
    availability: since("5.1.0", availability),
    stars: since("5.0.0", product && number(product.rating.average, locale, { maximumFractionDigits: 1 })),
  };
});
