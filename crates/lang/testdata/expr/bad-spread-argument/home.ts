import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const label = (x: string) => x;

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    return { a: label(...product.tags), b: shop.getProduct(...product.tags), c: Math.abs(...[1]) };
  },
});
