import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    return {
      a: shop.getProduct({ id: "1" }, { witin: "50ms" }),
      b: shop.getProduct({ id: "1" }, { within: "fast" }),
      c: shop.getProduct({ id: "1" }, { within: 50 }),
      d: shop.getProduct({ id: "1" }, { cahce: "30s" }),
      e: shop.getProduct({ id: "1" }, { optional: f }),
      g: shop.getProduct({ id: "1" }, { optional: true, otherwise: null }),
      h: shop.getProduct({ id: "1" }, session),
      i: shop.getProduct({ id: "1" }, { retry: 1 }),
    };
  },
});
