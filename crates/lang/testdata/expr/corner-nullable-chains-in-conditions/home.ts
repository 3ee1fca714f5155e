import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    const cheap = (maybe?.price.minor ?? 0) < 100;
    return { cheap, has: maybe?.tags.includes("x") ? "yes" : "no", title: maybe?.tags.includes("x") ? maybe.title : null };
  },
});
