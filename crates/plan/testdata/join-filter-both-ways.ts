import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /join-filter-both-ways/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 9 });
    const reviews = shop.listReviews({ productId: id });
    return { rows: page.items.map((p) => ({ id: p.id, reviews: reviews.filter((r) => p.id === r.productId), any: reviews.some(({ productId }) => productId === p.id) })) };
  },
});
