import { lastGood, t, view } from "frontdesk";
import { orders, shop } from "frontdesk/services";

export default view("GET /v1/products/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s", stale: "10m", staleIfError: "12h", tags: ["products", "product:{id}"] },
  bulkhead: 40,
  priority: "background",
  load: ({ id, lang }, { session }) => {
    const product = shop.getProduct(
      { id, locale: lang ?? session.locale },
      { cache: { ttl: "30s", stale: "1m", staleIfError: "7d", negative: "5s", tags: ["shop", `product:${id}`] }, retries: 2, hedge: "p95" },
    );
    const reviews = shop.listReviews({ productId: id }, { cache: "http", otherwise: lastGood([]), hedge: "20ms", retries: 0 });
    const others = product.tags.map((tag) => shop.getProduct({ id: tag }, { cache: { ttl: "500ms", tags: [tag, product.brand.id] }, hedge: false }));
    return { title: product.title, reviews: reviews.length, others: others.map((one) => one.title) };
  },
});
