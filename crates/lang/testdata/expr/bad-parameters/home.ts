import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const rest = (...all: string[]) => all.length;
const untyped = ({ a }) => a;
const wrong = (p: shop.Product): string => p.weight;

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    return { a: rest("x"), b: untyped({ a: 1 }), c: wrong(product) };
  },
});
