import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const present = (x: string | undefined) => x !== undefined;
const used = (p: shop.Product) => p.state === "used";
function cheap(p: shop.Product) {
  return p.price.minor < 100;
}

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    const subtitles = list.map((p) => p.subtitle);
    return {
      a: subtitles.filter(present),
      b: maybe !== null && present(maybe.subtitle) ? maybe.subtitle.length : 0,
      c: list.filter(used).map((p) => p.state),
      d: !present(s) ? "none" : s.trim(),
      e: subtitles.find(present),
      f: list.filter(cheap).length,
    };
  },
});
