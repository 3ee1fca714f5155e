import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Item = { id: string; note?: string };

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const a: number = product.title;
    const b: Item = { id: 1, extra: true };
    const c: Item[] = [{ id: "1" }, { id: product.subtitle }];
    const d: { id: string } = f ? { id: 1 } : { idd: "x" };
    return { a, b, c, d };
  },
});
