import { dateTime, image, money, number, plural, view } from "frontdesk";
import { basket } from "frontdesk/services";

export default view("GET /home", {
  load: (_input, { session: { locale, currency } }) => {
    const found = basket.getBasket({ basketId: "1" });
    return {
      sum: money(found.totals["all"], currency, locale),
      fixed: money(1999, "EUR", "de-DE"),
      picture: image("https://x/y.png", { width: 1, height: 2 }),
      count: number(found.lines.length, locale, { maximumFractionDigits: 1 }),
      label: plural(found.lines.length, locale, { one: "# line", other: "# lines" }),
      day: dateTime("2026-03-01T12:00:00Z", locale, { date: "medium", timeZone: "UTC" }),
      payer: found.company ?? found.person?.name ?? null,
      open: found.state === "OPEN",
    };
  },
});
