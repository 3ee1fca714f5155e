import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-batched/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    return { first: list.map((order) => shop.getProduct({ id: order.lines[0]?.productId ?? "" }).title) };
  },
});
