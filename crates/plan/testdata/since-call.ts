import { since, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /since-call/{id}", {
  input: { id: t.string() },
  load: ({ id }) => ({
    title: shop.getProduct({ id }).title,
    reviews: since("5.1.0", shop.listReviews({ productId: id }).map((review) => review.text)),
  }),
});
