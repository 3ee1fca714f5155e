import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /guard-coalesce/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const favourite = user.favourite ?? shop.listProducts({ limit: 1 }).items[0]?.id;
    return { favourite: favourite ?? null };
  },
});
