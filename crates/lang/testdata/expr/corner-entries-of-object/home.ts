import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const sizes = { small: 1, large: 2 };
    return { entries: Object.entries(sizes), values: Object.values(sizes), pairs: Object.entries(sizes).map(([name, size]) => `${name}${size}`), mixed: Object.values({ a: 1, b: "x" }) };
  },
});
