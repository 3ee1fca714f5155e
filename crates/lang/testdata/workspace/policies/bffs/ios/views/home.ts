import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home/{category}/{page}", {
  input: { category: t.string(), page: t.integer(), sort: t.enum(["best", "newest"]).default("best") },
  cache: {
    public: "60s",
    stale: "10m",
    staleIfError: "12h",
    tags: ["home", "category:{category}", "{category}-{page}-{sort}"],
  },
  bulkhead: 50,
  priority: "background",
  load: ({ category, page }) => ({ titles: shop.listProducts({ limit: page }).map((p) => p.title), category }),
});
