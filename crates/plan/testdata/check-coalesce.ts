import { problem, t, view } from "frontdesk";
import { orders } from "frontdesk/services";

const missing = () => { throw problem("empty"); };

export default view("GET /check-coalesce/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    const list = orders.listOrders({ userId: user.id });
    return { first: list[0]?.id ?? missing() };
  },
});
