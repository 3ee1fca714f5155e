import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-in-sequence/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 8 });
    return {
      rows: page.items.map((p) => {
        const reviews = shop.listReviews({ productId: p.id });
        const author = orders.getUser({ id: reviews[0]?.author.name ?? "nobody" });
        return { title: p.title, author: author.name };
      }),
    };
  },
});
