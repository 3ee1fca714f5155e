import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      unique: product.tags.filter((tag, i, all) => all.indexOf(tag) === i),
      shares: list.map((p, _, all) => p.price.minor / all.length),
      nested: list.map((p, i, all) => p.tags.filter((tag, j, tags) => tags.lastIndexOf(tag) === j && all.length > i)),
      first: s?.split(" ").find((word, i, words) => words.length > 1 && i > 0),
    };
  },
});
