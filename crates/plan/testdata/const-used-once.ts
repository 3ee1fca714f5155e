import { t, view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /const-used-once/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    const count = list.length * 2;
    const label = `${count} orders`;
    return { label };
  },
});
