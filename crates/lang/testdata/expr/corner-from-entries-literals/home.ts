import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    return { a: Object.fromEntries(list.map((p) => [p.id, "yes"])), b: Object.fromEntries(list.map((p) => [p.id, { title: p.title, flag: true }])), c: Object.fromEntries([["a", 1], ["b", 2]]) };
  },
});
