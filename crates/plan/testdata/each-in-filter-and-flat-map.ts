import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-in-filter-and-flat-map/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    const known = list.filter((order) => shop.getProduct({ id: order.id }, { optional: true }) !== null);
    return { stars: known.flatMap((order) => shop.listReviews({ productId: order.id }).map((review) => review.stars)) };
  },
});
