import { t, view } from "frontdesk";
import { catalog, recommendations } from "frontdesk/services";
import { tile } from "../shapes/tile.ts";

export default view("GET /tv/home", {
  summary: "A hero and one rail for each category",
  input: {
    customerId: t.string().max(64).optional(),
    rails: t.integer().min(1).max(8).default(5),
  },
  budget: { latency: "700ms", payload: "48KB" },

  load: ({ customerId, rails }, { session: { locale } }) => {
    // The catalog says itself for how long its categories hold.
    const categories = catalog.listCategories({}, { cache: "http" });
    const picks = recommendations.forHome({ customerId, limit: 6 }, { within: "200ms", otherwise: [] });
    const promotions = catalog.listPromotions({ channel: "tv" }, { within: "150ms", optional: true });

    const hero = promotions?.[0] ?? null;
    const biggest = categories.toSorted((a, b) => b.productCount - a.productCount).slice(0, rails);

    return {
      hero: hero && { headline: hero.headline, ends: hero.kind === "percent" ? hero.endsAt : null },
      forYou: picks.map(({ id, title, imageUrl, priceMinor, currency, reason }) => ({
        ...tile({ id, title, imageUrl, price: { amountMinor: priceMinor, currency }, badges: [] }, locale),
        subtitle: reason ?? "",
      })),
      // One call for each category: the catalog has no batch twin for pages, so they run side by side.
      rails: biggest.map((category) => {
        const page = catalog.listProducts({ category: category.id, limit: 8 });
        return {
          title: category.name,
          more: page.nextCursor !== null,
          subcategories: category.children.map((child) => child.name),
          tiles: page.items.map((item) => tile(item, locale)),
        };
      }),
    };
  },
});
