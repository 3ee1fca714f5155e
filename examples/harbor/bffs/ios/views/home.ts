import { dateTime, money, since, t, until, view } from "frontdesk";
import { catalog, recommendations } from "frontdesk/services";
import { productCard } from "../shapes/product-card.ts";

export default view("GET /v2/mobile/home", {
  summary: "The first screen: what runs now, what sells, what we think you like",
  input: {
    customerId: t.string().max(64).optional(),
    rows: t.integer().min(1).max(12).default(6),
  },
  budget: { latency: "300ms", payload: "24KB" },

  load: ({ customerId = null, rows }, { session: { locale } }) => {
    const promotions = catalog.listPromotions({ channel: "ios" }, { within: "120ms", otherwise: [] });
    const best = catalog.listProducts({ sort: "best", limit: rows });
    const picks = recommendations.forHome({ customerId, limit: rows }, { within: "100ms", otherwise: [] });
    // 5.1.0 has a bar of categories: the catalog is asked for it on behalf of those apps alone.
    const categories = catalog.listCategories({}, { within: "80ms", optional: true });

    return {
      // From 6.0.0 on the app greets whoever holds it in its own words.
      greeting: until("6.0.0", customerId === null ? "Welcome to Harbor" : "Welcome back"),
      categories: since("5.1.0", categories && categories.slice(0, 8).map(({ id, name }) => ({ id, name }))),
      banners: promotions.map((promotion) => ({
        id: promotion.id,
        headline: promotion.headline,
        detail:
          promotion.kind === "percent"
            ? `${promotion.percentOff}% off until ${dateTime(promotion.endsAt, locale, { date: "medium", timeZone: "Europe/Berlin" })}`
            : promotion.kind === "bundle"
              ? `Take ${promotion.buy}, pay ${promotion.pay}`
              : `From ${money(promotion.minimum.amountMinor, promotion.minimum.currency, locale)}`,
      })),
      bestSellers: best.items.map((item) => productCard(item.id, locale)),
      forYou: picks.map((pick) => ({ ...productCard(pick.id, locale), reason: pick.reason ?? "Popular now" })),
    };
  },
});
