import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const shapes = [shop.getOdd({}).shape, shop.getOdd({}).shape];
    return shapes.filter((x) => x !== undefined).map((x) => (x.kind === "circle" ? { r: x.radius } : { s: x.side }));
  },
});
