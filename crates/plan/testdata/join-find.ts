import { t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /join-find/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const list = orders.listOrders({ userId: id });
    const lines = list.flatMap((order) => order.lines);
    const products = shop.batchGetProducts({ ids: lines.map((line) => line.productId) });
    return { lines: lines.map((line) => products.items.find((p) => p.id === line.productId)?.title ?? null) };
  },
});
