import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const label = (count: number) => `${count}`;
const untyped = (x) => x;

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    return { a: label(), b: label("x"), c: label(1, 2), d: product.tags.map(label), e: untyped(1) };
  },
});
