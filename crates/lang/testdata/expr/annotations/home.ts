import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Item = { id: string; tag: "a" | "b"; readonly note?: string };

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const a: number | string = n;
    const b: readonly string[] = product.tags;
    const c: Record<string, number> = { x: 1 };
    const d: Pick<shop.Product, "id" | "title"> = product;
    const e: NonNullable<shop.Product["subtitle"]> = product.subtitle ?? "";
    const g: Partial<Item> = {};
    const h: Array<Item> = [{ id: "1", tag: "a" }];
    const i: shop.Product["tags"][number] = "x";
    return { a, b, c, d, e, g, h, i };
  },
});
