import { problem, t, view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /check-in-branch/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id });
    if (user.email) {
      const mine = orders.listOrders({ userId: user.id });
      if (mine.length === 0) throw problem("empty");
      return { orders: mine.length };
    }
    return { orders: 0 };
  },
});
