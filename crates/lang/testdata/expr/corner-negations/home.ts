import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    const none = !maybe;
    const some = !!maybe;
    return { a: none ? 0 : maybe.tags.length, b: some ? maybe.title : "", c: !(maybe && f), d: !!(product.subtitle && product.subtitle.length) };
  },
});
