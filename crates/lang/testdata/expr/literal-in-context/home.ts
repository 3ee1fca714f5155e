import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Item = { kind: "a" | "b"; list: ("x" | "y")[] };

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const item: Item = { kind: "a", list: ["x"] };
    const items: Item[] = product.tags.map((tag) => ({ kind: "b", list: [tag === "x" ? "x" : "y"] }));
    return { item, items };
  },
});
