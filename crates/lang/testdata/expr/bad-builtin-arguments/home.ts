import { dateTime, image, keyBy, money, number, plural, problem, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      a: money(product.price.minor),
      b: money(product.price, "EUR", "de"),
      c: keyBy(list),
      d: keyBy(product, (p) => p.id),
      e: keyBy(list, (p) => p.weight),
      f: image(product.imageUrl, { widht: 1 }),
      g: dateTime(product.subtitle, "de", { date: "tiny" }),
      h: number("1", "de"),
      i: plural(n, "de", { one: "x" }),
      j: problem("x"),
    };
  },
});
