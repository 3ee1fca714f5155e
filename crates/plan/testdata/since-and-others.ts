import { since, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /since-and-others/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const reviews = shop.listReviews({ productId: id });
    const banner = shop.getBanner({});
    return { count: reviews.length, first: since("5.1.0", reviews[0]?.text), banner: banner.kind };
  },
});
