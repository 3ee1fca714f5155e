import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return {
      grade: product.weight === undefined ? "unknown" : product.weight > 10 ? "heavy" : product.weight > 1 ? "medium" : "light",
      v: n === 1 ? 1 : n === 2 ? "two" : null,
    };
  },
});
