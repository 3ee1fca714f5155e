import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /unused-member/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const both = { product: shop.getProduct({ id }), user: orders.getUser({ id }) };
    return { title: both.product.title };
  },
});
