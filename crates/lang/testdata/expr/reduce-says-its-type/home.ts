import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      seen: product.tags.reduce((seen: string[], tag) => (seen.includes(tag) ? seen : [...seen, tag]), []),
      least: product.tags.reduce<string | null>((best, tag) => (best === null || tag < best ? tag : best), null),
      longest: product.tags.reduce((best: string | null, tag) => (best === null || tag > best ? tag : best), null),
      counts: product.tags.reduce<Record<string, number>>((all, tag) => ({ ...all, [tag]: (all[tag] ?? 0) + 1 }), {}),
    };
  },
});
