import { money, shape } from "frontdesk";
import { catalog, inventory } from "frontdesk/services";
import { thumbnail } from "../display.ts";

/** A product in a row of cards. Used in lists: the calls of all cards together are one batch each. */
export const productCard = shape("ProductCard", (id: string, locale: string) => {
  const product = catalog.getProduct({ productId: id }, { optional: true });
  const stock = inventory.getStock({ productId: id }, { within: "80ms", optional: true });
  if (product === null) return { id, title: "Unavailable", thumbnail: null, price: null, soldOut: true };
  return {
    id,
    title: product.title,
    thumbnail: thumbnail(product.imageUrl),
    price: money(product.price.amountMinor, product.price.currency, locale),
    soldOut: stock !== null && stock.available === 0,
  };
});
