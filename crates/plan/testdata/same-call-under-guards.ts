import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /same-call-under-guards/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const a = user.email ? shop.getProduct({ id }).title : null;
    const b = shop.getProduct({ id }).price.minor;
    return { a, b };
  },
});
