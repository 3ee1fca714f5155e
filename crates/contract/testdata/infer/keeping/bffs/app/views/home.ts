import { lastGood, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home/{category}", {
  input: { category: t.string() },
  cache: { public: "60s", stale: "10m", tags: ["home", "category:{category}"] },
  load: ({ category }) => {
    const page = shop.listProducts({ category }, { cache: "30s" });
    const banner = shop.getBanner({}, { otherwise: lastGood() });
    const more = shop.listProducts({}, { otherwise: lastGood({ items: [], total: 0, next: null }) });
    return { ids: page.items.map((p) => p.id), banner: banner?.headline ?? null, more: more.items.map((p) => p.id) };
  },
});
