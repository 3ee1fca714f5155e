import { view } from "frontdesk";
import { shop } from "frontdesk/services";
import { card, type Card } from "../cards.ts";
import { LIMIT as limit } from "../limits";

export default view("GET /home", {
  load: () => {
    const cards: Card[] = shop.listProducts({ limit }).map((product) => card(product));
    return { cards, limit };
  },
});
