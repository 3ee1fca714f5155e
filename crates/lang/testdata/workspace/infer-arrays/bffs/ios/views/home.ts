import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const products = shop.listProducts({});
    const tags = products.flatMap((p) => p.tags);
    const sum = products.reduce((total, p) => total + p.price.minor, 0);
    const none: string[] = [];
    const names = products.reduce((all, p) => [...all, p.title], none);
    return { tags, sum, names };
  },
});
