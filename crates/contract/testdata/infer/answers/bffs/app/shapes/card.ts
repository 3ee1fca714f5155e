import { shape } from "frontdesk";
import { shop } from "frontdesk/services";

export const card = shape("Card", (id: string) => {
  const product = shop.getProduct({ id });
  return { id, title: product.title, brand: { name: product.brand.name } };
});
