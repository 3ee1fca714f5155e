import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    for (const p of list) { p.id; }
    for (let i = 0; i < 3; i++) {}
    for (const key in list) {}
    while (f) {}
    do {} while (f);
    return 1;
  },
});
