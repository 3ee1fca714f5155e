import { view } from "frontdesk";
import { shop } from "frontdesk/services";
import { productCard } from "../shapes/product-card.ts";

export default view("GET /home", {
  load: () => ({
    cards: shop.listProducts({}).map((product) => productCard(product.id)),
    best: productCard("p1"),
    spread: { ...productCard("p2"), extra: 1 },
  }),
});
