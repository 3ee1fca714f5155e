import { deprecated, since, shape, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const card = shape("Card", (id: string) => {
  const product = shop.getProduct({ id });
  return { title: product.title, name: deprecated({ since: "2026-05-01", use: "title" }, product.title) };
});

export default view("GET /since-deprecated-fields/{id}", {
  input: { id: t.string() },
  deprecated: { since: "2026-05-01" },
  load: ({ id }) => ({
    cards: [id, "2"].map((one) => card(one)),
    old: deprecated({ since: "2026-05-01" }, { x: deprecated({ since: "2026-05-01" }, since("5.1.0", 1)) }),
  }),
});
