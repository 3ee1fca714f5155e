import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /guard-if-present/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id }, { optional: true });
    return { orders: user?.email?.split("@").map((part) => shop.listReviews({ productId: part }).length) ?? [] };
  },
});
