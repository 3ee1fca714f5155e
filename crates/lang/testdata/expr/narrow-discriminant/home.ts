import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const { shape } = shop.getOdd({});
    if (shape === undefined) return null;
    if (shape.kind === "circle") return { radius: shape.radius };
    return { side: shape.side };
  },
});
