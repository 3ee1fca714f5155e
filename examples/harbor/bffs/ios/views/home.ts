import { dateTime, money, t, view } from "frontdesk";
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

    return {
      greeting: customerId === null ? "Welcome to Harbor" : "Welcome back",
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
