import { image, shape } from "frontdesk";
import { catalog } from "frontdesk/services";
import { priceTag, stars } from "../display.ts";

/** A product beside another product. */
export const teaser = shape("Teaser", (id: string, locale: string) => {
  const product = catalog.getProduct({ productId: id }, { optional: true });
  return (
    product && {
      id,
      href: `/p/${id}/${product.seo?.slug ?? ""}`,
      title: product.title,
      brand: product.brand.name,
      image: image(product.imageUrl, { width: 240, height: 240 }),
      price: priceTag(product.price, locale),
      stars: stars(product.rating.average, locale),
    }
  );
});
