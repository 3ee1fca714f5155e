import { shape, t, view } from "frontdesk";
import { shop, stock } from "frontdesk/services";

const card = shape("Card", (id: string) => {
  const product = shop.getProduct({ id });
  const stock_ = stock.getStock({ productId: id }, { optional: true });
  return { title: product.title, left: stock_?.onHand ?? 0 };
});

export default view("GET /each-in-shape/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 3 });
    return { best: page.items.map((p) => card(p.id)), one: card(id) };
  },
});
