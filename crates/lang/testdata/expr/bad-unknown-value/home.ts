import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const odd = shop.getOdd({});
    return { a: odd.anything.x, b: odd.anything.map((x) => x), c: odd.anything };
  },
});
