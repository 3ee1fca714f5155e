import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Picked = Pick<shop.Product, "id" | "price">;
type Other = { readonly kind: "other" };

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const pick: Picked = { id: product.id, price: product.price };
    const all: Picked[] = [pick];
    const by: Record<string, Picked> = { x: pick };
    const either: Picked | Other = f ? pick : { kind: "other" };
    return { pick, all, by, either, kind: "kind" in either ? either.kind : either.id };
  },
});
