import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Card = { title: string; price: number | null };
interface WithTags extends Card { tags: string[] }
const label = (count: number, unit = "pieces", note?: string) => (note === undefined ? `${count} ${unit}` : note);
function card(p: shop.Product, free = false): WithTags {
  if (free) return { title: p.title, price: null, tags: [] };
  return { title: p.title, price: p.price.minor, tags: p.tags };
}

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return { card: card(product), cards: list.map((p) => card(p)), label: label(n), short: label(n, "x"), many: list.map((p) => card(p, true)) };
  },
});
