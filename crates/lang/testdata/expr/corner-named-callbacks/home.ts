import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const cheap = (p: shop.Product) => p.price.minor < 100;
function title({ title, subtitle }: { title: string; subtitle?: string }) {
  return subtitle ?? title;
}

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return { a: product.tags.map(String), b: product.tags.map(Number), c: list.filter(cheap).map(title), d: list.some(cheap), e: product.tags.filter(Boolean) };
  },
});
