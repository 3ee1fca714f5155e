import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return { a: n.toFixed(2), b: n.toString(), c: Number("3"), d: String(n), e: Boolean(s), f: Number.parseInt("12", 10), g: parseFloat("1.5"), h: Number.isInteger(n) };
  },
});
