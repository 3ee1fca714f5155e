import { keyBy, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /once-in-callback/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 9 });
    const reviews = shop.listReviews({ productId: id });
    return {
      rows: page.items.map((p) => {
        const byProduct = keyBy(reviews, (r) => r.productId);
        const good = reviews.filter((r) => r.stars > 3);
        return { text: byProduct[p.id]?.text ?? null, good: good.find((r) => r.productId === p.id)?.id ?? null };
      }),
    };
  },
});
