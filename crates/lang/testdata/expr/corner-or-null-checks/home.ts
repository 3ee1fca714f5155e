import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    if (maybe === null || maybe.subtitle === undefined || maybe.imageUrl == null) return null;
    return { a: maybe.subtitle.length + maybe.imageUrl.length };
  },
});
