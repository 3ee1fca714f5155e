import { requires, t, view } from "frontdesk";
import { catalog } from "frontdesk/services";

export default view("GET /partner/v1/catalogue", {
  summary: "A page of what the shop sells, for price comparison",
  auth: requires({ scopes: ["catalogue"] }),
  // Partners ask every few minutes; what has not changed is a 304.
  cache: { private: "5m" },
  input: {
    category: t.string().max(32).optional(),
    cursor: t.string().max(200).optional(),
    limit: t.integer().min(1).max(100).default(50),
  },
  budget: { latency: "600ms", payload: "64KB" },

  load: ({ category, cursor, limit }) => {
    const page = catalog.listProducts({ category, cursor, limit });
    return {
      items: page.items
        .filter((product) => product.status === "active")
        .map((product) => ({
          id: product.id,
          sku: product.sku,
          title: product.title,
          brand: product.brand.name,
          category: product.categoryId,
          price: { amountMinor: product.price.amountMinor, currency: product.price.currency },
        })),
      next: page.nextCursor ?? null,
    };
  },
});
