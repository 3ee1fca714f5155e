import { keyBy, money, t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";
import { card } from "../shapes/card.ts";

export default view("GET /products/{id}/page", {
  input: { id: t.string() },
  load: ({ id }, { session }) => {
    const product = shop.getProduct({ id });
    const user = orders.getUser({ id });
    const banner = shop.getBanner();
    const page = shop.listProducts({ category: "same" });
    const byId = keyBy(page.items, (item) => item.id);
    return {
      id,
      product,
      state: product.state,
      price: money(product.price.minor, product.price.currency, session.locale),
      brand: { ...product.brand, known: true as boolean },
      image: product.imageUrl,
      email: user.email,
      banner,
      offer: banner.kind === "percent" ? { kind: "percent" as const, off: banner.percent } : { kind: "bundle" as const, buy: banner.buy },
      either: product.weight === undefined ? { light: true } : { light: false, weight: product.weight },
      cards: page.items.map((item) => card(item.id)),
      first: card(id),
      prices: Object.fromEntries(page.items.map((item) => [item.id, item.price])),
      byId,
      categories: shop.listCategories(),
      range: [1, "a"] as const,
      count: page.items.length,
      level: page.total > 10 ? ("many" as const) : ("few" as const),
      nothing: null,
      missing: undefined,
      grid: page.items.map((item) => item.tags.map((tag) => ({ tag }))),
    };
  },
});
