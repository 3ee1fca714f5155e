import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /unused-chain/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const product = shop.getProduct({ id: user.favourite ?? "p1" });
    const title = product.title;
    return { id };
  },
});
