import { since, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /since-call-bound-before/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    const reviews = shop.listReviews({ productId: product.id });
    const texts = reviews.map((review) => review.text.trim()).filter((text) => text !== "");
    return {
      title: product.title,
      texts: since("5.1.0", texts),
      count: since("5.2.0", texts.length),
      first: since("5.1.0", { text: texts[0] ?? null }),
    };
  },
});
