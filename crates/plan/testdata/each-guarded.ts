import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /each-guarded/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    return {
      paid: list.map((order) => {
        if (order.state !== "paid") return null;
        const product = shop.getProduct({ id: order.id }, { optional: true });
        return product && { title: product.title };
      }),
    };
  },
});
