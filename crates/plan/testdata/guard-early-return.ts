import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /guard-early-return/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    if (user.favourite === null) return { name: user.name, title: null };
    const product = shop.getProduct({ id: user.favourite });
    const reviews = shop.listReviews({ productId: product.id }, { optional: true });
    return { name: user.name, title: product.title, reviews: reviews?.length ?? 0 };
  },
});
