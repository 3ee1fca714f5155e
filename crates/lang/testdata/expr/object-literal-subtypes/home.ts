import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().default("x"), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const o = shop.getProduct({ id: "1" }, { optional: true });
    const p = shop.getProduct({ id: "1" });
    const named: { id: string } = { id: s };
    return {
      a: o ?? { id: s },
      b: f ? p : { id: s },
      c: { ...(o ?? { id: s }), z: n },
      d: { ...(f ? { ...(o ?? { id: s }), z: n } : {}), d: n },
      e: { ...(f ? { ...(f ? { a: 1 } : { b: 1 }), z: n } : {}), d: n },
      g: { ...(f ? { a: n, b: n } : { a: n }), d: n },
      h: f ? { ...p, z: n } : { id: s, z: n },
      i: { ...(f ? (o ?? { id: s }) : {}), d: n },
      j: o ?? { id: s, title: s, price: { minor: 1, currency: "x" }, tags: [], state: "new" },
      k: [o ?? {}, { id: s }],
      l: o ?? named,
      m: f ? { ...named, a: 1 } : named,
      o: [f ? {} : { a: 1 }, { b: 2 }],
      q: !p && s,
    };
  },
});
