import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-batch-does-not-fit/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    return {
      a: list.map((order) => shop.getProduct({ id: order.id, locale: order.state }).title),
      b: list.map((order) => shop.getProduct({ id: order.id, currency: "EUR" }).title),
    };
  },
});
