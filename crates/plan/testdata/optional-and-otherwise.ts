import { t, view } from "frontdesk";
import { orders } from "frontdesk/services";

export default view("GET /optional-and-otherwise/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const user = orders.getUser({ id }, { optional: true, within: "50ms" });
    const list = orders.listOrders({ userId: id }, { within: "80ms", otherwise: [] });
    return { name: user === null ? "you" : user.name, states: list.map((order) => order.state) };
  },
});
