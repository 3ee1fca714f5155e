import { shape } from "frontdesk";
import { shop } from "frontdesk/services";

export const tile = shape("Tile", (id: string) => {
  const product = shop.getProduct({ id }, { optional: true });
  if (product === null) return { id, title: "Unavailable", price: null };
  return { id, title: product.title, price: product.price };
});
