import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /v1/products/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    const reviews = shop.listReviews({ productId: id }, { optional: true });
    return { id, name: { title: product.title, subtitle: product.subtitle ?? null }, stars: reviews?.map((review) => review.stars) ?? null };
  },
});
