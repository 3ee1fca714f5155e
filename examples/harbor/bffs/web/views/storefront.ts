import { dateTime, money, view } from "frontdesk";
import { catalog } from "frontdesk/services";
import { priceTag, stars } from "../display.ts";

export default view("GET /api/storefront", {
  summary: "The front page: what runs now, and what sells",
  public: true,
  // The same for everybody, so that one answer a minute is made of it, however many ask.
  cache: { public: "60s", stale: "5m", staleIfError: "1h", tags: ["catalog"] },
  budget: { latency: "400ms", payload: "16KB" },

  load: (_, { session: { locale } }) => {
    const promotions = catalog.listPromotions({ channel: "web" }, { within: "150ms", otherwise: [] });
    const best = catalog.listProducts({ sort: "best", limit: 12 });
    return {
      promotions: promotions.map((promotion) =>
        promotion.kind === "percent"
          ? `${promotion.headline}: ${promotion.percentOff}% off until ${dateTime(promotion.endsAt, locale, { date: "medium", timeZone: "Europe/Berlin" })}`
          : promotion.kind === "bundle"
            ? `${promotion.headline}: take ${promotion.buy}, pay ${promotion.pay}`
            : `${promotion.headline}: from ${money(promotion.minimum.amountMinor, promotion.minimum.currency, locale)}`,
      ),
      products: best.items.map((product) => ({
        id: product.id,
        title: product.title,
        brand: product.brand.name,
        category: product.categoryId,
        stars: stars(product.rating.average, locale),
        price: priceTag(product.price, locale),
      })),
    };
  },
});
