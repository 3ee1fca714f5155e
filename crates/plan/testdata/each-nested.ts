import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-nested/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    return {
      orders: list.map((order) => ({
        id: order.id,
        lines: order.lines.map((line) => ({ quantity: line.quantity, title: shop.getProduct({ id: line.productId }).title })),
      })),
    };
  },
});
