import { view, t } from "frontdesk";
import { narrow, shop } from "frontdesk/services";

export default view("GET /groups/{id}", {
  input: { id: t.string() },
  budget: { latency: "100ms" },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return (cart.groups ?? []).map((group) => group.map((stockId) => {
      const stock = narrow.getStock({ id: stockId }, { optional: true });
      return stock === null ? "?" : stock.available;
    }));
  },
});
