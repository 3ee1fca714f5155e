import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const size = product.subtitle ?? "none";
    const mode = f ? "a" : s ?? "b";
    const limit = product.weight ?? 10;
    return { size, mode, limit, inline: product.state ?? "x", kinds: [product.subtitle ?? null] };
  },
});
