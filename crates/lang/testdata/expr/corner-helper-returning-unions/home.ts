import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const kind = (n: number) => {
  if (n < 0) return "negative";
  if (n === 0) return "zero";
  return "positive";
};
const size = (p: shop.Product) => (p.weight === undefined ? null : { value: p.weight, unit: "kg" });

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return { a: kind(n), b: size(product), c: [kind(1)], d: size(product)?.unit };
  },
});
