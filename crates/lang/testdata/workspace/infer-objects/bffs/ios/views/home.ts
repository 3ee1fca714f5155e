import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const base = { a: 1, b: "x" };
    const more = { ...base, b: 2, c: f };
    const { a, ...rest } = more;
    const key = "k";
    const optional = f ? { extra: n } : null;
    const labels = shop.getProduct({ id: "1" }).labels;
    return {
      more, a, rest, [key]: n, ["lit"]: 1, spread: { ...base, ...optional }, twice: { ...rest, a },
      chosen: f ? { a: 1 } : { b: "x" }, list: [{ a: 1 }, { b: 2 }], keys: Object.keys(base), values: Object.values(base),
      entries: Object.entries(base), labels: { ...labels, own: "x" }, from: Object.fromEntries([["a", 1]]),
      whole: { ...shop.getProduct({ id: "1" }), price: "1" },
    };
  },
});
