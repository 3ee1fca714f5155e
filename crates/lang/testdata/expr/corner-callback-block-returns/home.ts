import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    return list.map((p) => {
      if (p.weight === undefined) return null;
      if (p.weight > 10) return { kind: "heavy", weight: p.weight };
      return { kind: "light" };
    });
  },
});
