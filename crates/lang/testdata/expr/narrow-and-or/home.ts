import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    const ok = maybe !== null && product.subtitle !== undefined;
    return {
      a: maybe !== null && product.subtitle !== undefined ? maybe.title + product.subtitle : null,
      b: maybe === null || product.weight === undefined ? 0 : maybe.price.minor * product.weight,
      ok,
    };
  },
});
