import { deprecated, shape, since, view } from "frontdesk";
import { shop } from "frontdesk/services";

const card = shape("Card", (id: string) => {
  const product = shop.getProduct({ id });
  return { id, title: product.title, badge: since("5.1.0", product.tags[0]) };
});

const price = (money: shop.Money) => ({
  text: `${money.minor} ${money.currency}`,
  minor: deprecated({ since: "2026-05-01", use: "text" }, money.minor),
  cents: since("6", money.minor),
});

export default view("GET /home", {
  load: () => {
    const cards = ["1", "2"].map((id) => card(id));
    const first = card("1");
    return { cards, ...first, price: price(shop.getProduct({ id: "1" }).price) };
  },
});
