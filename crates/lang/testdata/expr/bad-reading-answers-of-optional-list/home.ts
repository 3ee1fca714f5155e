import { keyBy, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({}, { optional: true });
    return { a: list.map((p) => p.id), b: list.length, c: keyBy(list, (p) => p.id), d: [...list] };
  },
});
