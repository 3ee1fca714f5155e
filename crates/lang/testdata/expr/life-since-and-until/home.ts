import { deprecated, since, until, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  load: () => {
    const product = shop.getProduct({ id: "1" });
    const views = since("5.2.0", product.views);
    const { title } = product;
    return {
      title,
      always: 1,
      ...since("5.4.0", { always: 2 }),
      ...since("5.4.0", { x: 1, y: since("5.5.0", 2) }),
      ...until("6.0.0", deprecated({ since: "2026-05-01" }, { z: 1 })),
      badge: since("5.1.0", "new"),
      kind: since("5.1", "card" as const),
      both: since("5.1.0", until("6.0.0", product.tags)),
      twice: since("5.1.0", since("4.3.0", 1)),
      inParentheses: (since("5.3.0", { minor: product.price.minor, currency: "EUR" })),
      views,
      more: since("6.0.0", views),
      of: views ?? 0,
      never: until("5.0.0", product.subtitle) ?? null,
      list: [1, 2].map((n) => ({ n, square: since("5.1.0", n * n) })),
      optional: since("5.1.0", shop.getProduct({ id: "2" }, { optional: true })?.title),
      choice: since("5.1.0", product.weight === undefined ? { a: 1 } : { b: "x" }),
    };
  },
});
