import { dateTime, image, money, number, plural, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return {
      money: money(product.price.minor, product.price.currency, session.locale),
      maybe: money(product.weight, "EUR", session.locale),
      image: image(product.imageUrl, { width: 120, height: 120 }),
      sure: image(product.title, { width: 120 }),
      number: number(n, session.locale, { maximumFractionDigits: 1 }),
      date: dateTime("2026-03-01", session.locale, { date: "medium" }),
      plural: plural(n, session.locale, { one: "# item", other: "# items" }),
    };
  },
});
