import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const pairs: [string, number][] = product.tags.map((tag) => [tag, tag.length]);
    const [name, size] = ["a", 1] as const;
    return { pairs, first: pairs[0]?.[1], sizes: pairs.map(([, length]) => length), name, size };
  },
});
