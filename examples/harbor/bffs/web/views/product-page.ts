import { money, number, plural, t, view } from "frontdesk";
import { catalog, inventory, recommendations } from "frontdesk/services";
import { day, pictures, priceTag, stars } from "../display.ts";
import { teaser } from "../shapes/teaser.ts";

export default view("GET /api/products/{productId}", {
  summary: "The product page: the product, its seller, reviews, stock and neighbours",
  public: true,
  input: {
    productId: t.string().min(1).max(32),
    reviews: t.integer().min(0).max(50).default(10),
  },
  budget: { latency: "500ms", payload: "128KB" },

  load: ({ productId, reviews: reviewLimit }, { session: { locale } }) => {
    // What seldom changes is kept, what is in stock never is. `product:p8` is what the editors purge when they save.
    const product = catalog.getProduct(
      { productId },
      { cache: { ttl: "30s", stale: "5m", staleIfError: "1h", negative: "5s", tags: ["catalog", `product:${productId}`] } },
    );
    const reviews = reviewLimit > 0 ? catalog.listReviews({ productId, limit: reviewLimit }, { optional: true }) : null;
    const stock = inventory.getStock({ productId }, { within: "100ms", optional: true });
    const seller = catalog.getSeller(
      { sellerId: product.sellerId },
      { within: "150ms", optional: true, cache: { ttl: "10m", tags: ["catalog"] } },
    );
    const neighbours = recommendations.forProduct({ productId, limit: 8 }, { within: "120ms", otherwise: [] });

    const { months: warrantyMonths = 0, provider: warrantyProvider = "Harbor" } = product.warranty ?? {
      months: 24,
      provider: "Harbor",
    };
    const [cover = null, ...gallery] = product.images;

    return {
      ...product,
      price: priceTag(product.price, locale),
      rating: { ...product.rating, stars: stars(product.rating.average, locale) },
      cover: pictures(cover?.url ?? product.imageUrl),
      images: gallery.slice(0, 11).map(({ url, alt = product.title, role }) => ({ ...pictures(url), alt, role })),
      attributes: product.attributes.slice(0, 40).map(({ name, value, unit = "" }) => ({
        name,
        value: typeof value === "number" ? `${number(value, locale)} ${unit}`.trim() : `${value}`,
      })),
      variants: product.variants.slice(0, 24).map(({ id, label, options, surchargeMinor = 0 }) => ({
        id,
        label,
        options: Object.entries(options).slice(0, 4).map(([name, value]) => ({ name, value })),
        surcharge: surchargeMinor > 0 ? money(surchargeMinor, product.price.currency, locale) : null,
      })),
      weight: `${number(product.weightGrams / 1000, locale, { maximumFractionDigits: 2 })} kg`,
      size: [product.dimensions.widthMm, product.dimensions.heightMm, product.dimensions.depthMm]
        .map((mm) => number(mm / 10, locale))
        .join(" × "),
      warranty: `${plural(warrantyMonths, locale, { one: "# month", other: "# months" })}, ${warrantyProvider}`,
      translations: Object.keys(product.translations).toSorted(),
      createdAt: day(product.createdAt, locale),
      updatedAt: day(product.updatedAt, locale),
      availability: stock && {
        state: stock.available > 5 ? "in-stock" : stock.available > 0 ? "last-pieces" : "sold-out",
        pieces: Math.min(stock.available, 99),
        backOn: stock.restockAt === null ? null : day(stock.restockAt, locale),
        cities: stock.warehouses.filter((warehouse) => warehouse.onHand > 0).map((warehouse) => warehouse.city),
      },
      seller: seller && {
        id: seller.id,
        name: seller.name,
        verified: seller.verified,
        since: seller.since.slice(0, 4),
        stars: stars(seller.rating.average, locale),
        city: seller.returnAddress?.city ?? seller.country,
      },
      reviews: reviews && {
        average: reviews.summary.average,
        label: plural(reviews.summary.count, locale, { one: "# review", other: "# reviews" }),
        histogram: ["5", "4", "3", "2", "1"].map((star) => ({ star, count: reviews.summary.histogram[star] ?? 0 })),
        items: reviews.items.map(({ author, createdAt, reply = null, ...review }) => ({
          ...review,
          by: author.country ? `${author.name} (${author.country})` : author.name,
          on: day(createdAt, locale),
          reply,
        })),
      },
      neighbours: neighbours
        .filter((neighbour) => neighbour.id !== productId)
        .map((neighbour) => ({ score: neighbour.score, reason: neighbour.reason, product: teaser(neighbour.id, locale) })),
    };
  },
});
