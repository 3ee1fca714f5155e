import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /unused-call/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    const user = orders.getUser({ id });
    return { id, user: user.name };
  },
});
