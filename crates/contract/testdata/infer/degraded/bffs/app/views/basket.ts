import { keyBy, t, view } from "frontdesk";
import { orders, shop, stock } from "frontdesk/services";
import { tile } from "../shapes/tile.ts";

export default view("GET /basket/{userId}", {
  input: { userId: t.string() },
  load: ({ userId }) => {
    const list = orders.listOrders({ userId });
    const user = orders.getUser({ id: userId }, { optional: true });
    const page = shop.listProducts({ category: user?.favourite ?? "all" }, { otherwise: { items: [], total: 0, next: null } });
    const banner = shop.getBanner({}, { optional: true });
    const byId = keyBy(page.items, (item) => item.id);
    if (list.length === 0) return { state: "empty", userId, greeting: null, lines: [], picks: [], banner: null, total: 0, whole: true, tiles: [] };
    return {
      state: "full",
      userId,
      greeting: user && { name: user.name, email: user.email },
      lines: list.flatMap((order) => order.lines).map((line) => ({
        productId: line.productId,
        quantity: line.quantity,
        title: byId[line.productId]?.title ?? "A product",
      })),
      picks: page.items.filter((item) => item.state === "new").map((item) => item.id),
      banner: banner?.headline ?? null,
      total: page.total,
      whole: list.length > 1,
      tiles: list.map((order) => tile(order.id)),
    };
  },
});
