import { t, view } from "frontdesk";
import { legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const odd = shop.getOdd({});
    const shape = odd.shape;
    const thing = legacy.getThing({ id: "1" });
    const kind = shape === undefined ? "none" : shape.kind;
    const area = shape && (shape.kind === "circle" ? shape.radius : shape.side);
    const side = shape && "side" in shape ? shape.side : null;
    const mixed = f ? n : s;
    const typed = typeof mixed === "string" ? mixed.length : typeof mixed === "number" ? mixed + 1 : null;
    const text = s === undefined || s === "" ? "empty" : s.trim();
    const product = shop.getProduct({ id: "1" }, { optional: true });
    if (!product || product.state === "used") return { kind, area, side, typed, text, owner: thing.owner };
    const weight = product.weight;
    if (weight === undefined) return { kind, weight: null };
    return { kind, weight: weight / 2, state: product.state, title: product.title };
  },
});
