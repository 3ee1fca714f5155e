import { image, shape } from "frontdesk";
import { shop } from "frontdesk/services";

/** A product in a row of cards. */
export const productCard = shape("ProductCard", (id: string) => {
  const product = shop.getProduct({ id });
  return { id, title: product.title, picture: image(product.imageUrl, { width: 10, height: 10 }) };
});
