import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    const tags = product.tags;
    return {
      at: tags.at(-1),
      concat: tags.concat("x", ["y"]),
      includes: tags.includes("a"),
      indexOf: tags.indexOf("a"),
      slice: tags.slice(1, 3),
      join: tags.join("-"),
      every: list.every((p) => p.weight !== undefined),
      some: list.some((p) => p.state === "new"),
      findIndex: list.findIndex((p) => p.id === "1"),
      findLast: list.findLast((p) => p.id === "1")?.title,
      flat: [[1, 2], [3]].flat(),
      flatMap: list.flatMap((p) => p.tags),
      flatMapMixed: list.flatMap((p) => (p.weight === undefined ? [] : p.weight)),
      sorted: list.toSorted((a, b) => a.price.minor - b.price.minor).map((p) => p.id),
      reversed: tags.toReversed(),
      with: tags.with(0, "z"),
      length: tags.length,
      last: tags[tags.length - 1],
    };
  },
});
