import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /each-concurrent/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 8 });
    return { rows: page.items.map((p) => ({ title: p.title, reviews: shop.listReviews({ productId: p.id }).map((r) => r.stars) })) };
  },
});
