import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    const found = list.find((p) => p.id === s);
    const last = list.findLast((p) => p.weight !== undefined);
    return { a: found?.labels?.["x"]?.length ?? 0, b: found === undefined ? null : { ...found.price }, c: last?.weight };
  },
});
