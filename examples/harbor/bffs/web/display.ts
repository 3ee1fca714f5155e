import { dateTime, image, money, number } from "frontdesk";

type Amount = { amountMinor: number; currency: string; compareAtMinor?: number | null };

/** A price with what it was before, and how much that saves, in percent. */
export function priceTag(price: Amount, locale: string) {
  const { amountMinor, currency, compareAtMinor = null } = price;
  const now = money(amountMinor, currency, locale);
  if (compareAtMinor === null || compareAtMinor <= amountMinor) return { now, before: null, saving: null };
  const percent = Math.round(((compareAtMinor - amountMinor) * 100) / compareAtMinor);
  return { now, before: money(compareAtMinor, currency, locale), saving: `-${percent}%` };
}

export const stars = (average: number, locale: string) => number(average, locale, { maximumFractionDigits: 1 });

export const day = (iso: string, locale: string) => dateTime(iso, locale, { date: "long", timeZone: "Europe/Berlin" });

/** The same picture in the three sizes the page's `srcset` names. */
export const pictures = (url: string | null | undefined) => ({
  small: image(url, { width: 320, height: 320 }),
  medium: image(url, { width: 640, height: 640 }),
  large: image(url, { width: 1280, height: 1280 }),
});
