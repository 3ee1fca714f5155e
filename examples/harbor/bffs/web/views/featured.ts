import { money, view } from "frontdesk";
import { catalog } from "frontdesk/services";

// Partners' blogs still show this in a frame. `GET /-/deprecated` of the admin listener says who asks.
export default view("GET /api/featured", {
  summary: "What the front page showed before there was a storefront",
  public: true,
  deprecated: {
    since: "2026-06-01",
    sunset: "2027-12-31",
    use: "GET /api/storefront",
    because: "the storefront has the promotions too, in one request",
    enforce: true,
  },
  budget: { latency: "400ms", payload: "8KB" },

  load: (_, { session: { locale } }) => {
    const best = catalog.listProducts({ sort: "best", limit: 6 });
    return best.items.map(({ id, title, price }) => ({ id, title, price: money(price.amountMinor, price.currency, locale) }));
  },
});
