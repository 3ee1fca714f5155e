import { since, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /since-in-lists", {
  input: { ids: t.array(t.string()) },
  load: ({ ids }) => {
    const rows = ids.map((id) => {
      const product = shop.getProduct({ id });
      const reviews = shop.listReviews({ productId: id });
      return {
        title: product.title,
        count: since("5.1.0", reviews.length),
        first: since("5.1.0", reviews[0]?.text),
      };
    });
    const others = ids.map((id) => shop.listReviews({ productId: id.trim() }).map((review) => review.text));
    return { rows, others: since("5.3.0", others.flat()) };
  },
});
