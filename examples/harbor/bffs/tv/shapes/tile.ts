import { image, money } from "frontdesk";

type Summary = {
  id: string;
  title: string;
  subtitle?: string;
  imageUrl?: string | null;
  price: { amountMinor: number; currency: string };
  badges: readonly string[];
};

/** One tile of a rail, big enough to read from a sofa. */
export const tile = ({ id, title, subtitle = "", imageUrl, price, badges }: Summary, locale: string) => ({
  id,
  title: title.length > 40 ? `${title.slice(0, 39).trimEnd()}…` : title,
  subtitle,
  image: image(imageUrl, { width: 480, height: 270 }),
  price: money(price.amountMinor, price.currency, locale),
  badge: badges.includes("sale") ? "SALE" : (badges.at(0)?.toUpperCase() ?? null),
});
