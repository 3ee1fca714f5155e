import { problem, t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

function required(value: string | null) {
  if (value === null) throw problem("not_found");
  return value;
}

export default view("GET /check-in-helper/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const favourite = required(user.favourite);
    const product = shop.getProduct({ id: favourite });
    return { title: product.title };
  },
});
