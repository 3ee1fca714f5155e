// How this app shows things. Plain functions: they are inlined into each view that uses them.
import { dateTime, image, plural } from "frontdesk";

/** The square picture of a list row. */
export const thumbnail = (url: string | null | undefined) => image(url, { width: 120, height: 120 });

/** "3 items" */
export const itemCount = (count: number, locale: string) => plural(count, locale, { one: "# item", other: "# items" });

/** "5 Sept 2026 – 8 Sept 2026", or one day if both are the same. */
export function dayRange(from: string, to: string, locale: string) {
  const first = dateTime(from, locale, { date: "medium", timeZone: "Europe/Berlin" });
  const last = dateTime(to, locale, { date: "medium", timeZone: "Europe/Berlin" });
  if (first === last) return first;
  return `${first} – ${last}`;
}
