import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const pick = ({ id, title }: shop.Product) => ({ id, title });
const state = (p: shop.Product) => (p.state === "new" ? "fresh" : "old");
const one = () => "one";
const half = (n: number) => {
  if (n % 2 === 1) return undefined;
  return n / 2;
};

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const x: ReturnType<typeof pick> = pick(product);
    return { x, state: state(product), literal: one(), maybe: half(n) };
  },
});
