import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /guard-nested/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const page = user.email ? (user.favourite ? shop.listProducts({ category: user.favourite }) : null) : null;
    return { total: page?.total ?? 0 };
  },
});
