import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    if (!maybe) return { found: false };
    if (maybe.imageUrl === null || maybe.imageUrl === undefined) return { found: true, title: maybe.title };
    return { found: true, title: maybe.title, url: maybe.imageUrl.length };
  },
});
