import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Row = { id: string; note?: string | null; state: "new" | "used" | "gone" };

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const rows: Row[] = shop.listProducts({}).map((p) => ({ id: p.id, note: p.subtitle, state: p.state }));
    const one: Row = { id: "1", state: "gone" };
    const map: Record<string, number> = { a: 1 };
    const list: readonly string[] = ["a"];
    const tuple: [string, number] = ["a", 1];
    const checked = { id: "x", state: "new" } satisfies Row;
    return { rows, one, map, list, tuple, checked, a: map["a"], last: tuple[1], note: one.note };
  },
});
