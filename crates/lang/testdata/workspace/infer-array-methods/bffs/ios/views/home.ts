import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const products = shop.listProducts({});
    const ids = products.map((p) => p.id);
    return {
      some: products.some((p) => p.weight !== undefined),
      every: products.every((p) => p.tags.length > 0),
      found: products.find((p) => p.id === s),
      at: ids.at(-1), index: ids.indexOf("x"), includes: ids.includes("x"), joined: ids.join(","), reversed: ids.toReversed(),
      sorted: products.toSorted((a, b) => a.price.minor - b.price.minor), slice: ids.slice(1), flat: [ids, ids].flat(),
      concat: ids.concat(["x"]), spread: [...ids, n], pairs: products.map((p, i) => [p.id, i]),
      tuple: products.map((p) => [p.id, p.weight] as const), with: ids.with(0, "x"),
      sum: products.reduce((total, p) => total + p.price.minor, 0),
      last: products.findLast((p) => p.state === "new")?.title,
    };
  },
});
