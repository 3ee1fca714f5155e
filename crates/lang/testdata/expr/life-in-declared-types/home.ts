import { deprecated, shape, since, view } from "frontdesk";
import { shop } from "frontdesk/services";

/** What the first screen shows. */
interface Home {
  /** In big letters. */
  title: string;
  minor: number;
  badge?: string;
  old?: number;
  rows: Row[];
  best: Row | null;
  parts: { a?: number; b: number };
}

type Row = { id: string; left?: number };

type Few = Pick<shop.Product, "id" | "title">;

/** Few and a note. */
export interface Card extends Few {
  note?: string;
}

/** One of many. */
export const card = shape("Tile", (id: string): Card => ({ ...shop.getProduct({ id }), note: since("5.1.0", "new") }));

const row = (id: string): Row => ({ id, left: since("5.2.0", 3) });

export default view("GET /home", {
  load: (): Home & { tile: Card; few: Few } => {
    const product = shop.getProduct({ id: "1" });
    const parts: { a?: number; b: number } = { a: since("5.3.0", 1), b: 2 };
    const home: Home = {
      title: product.title,
      minor: product.price.minor,
      badge: since("5.1.0", "x"),
      old: deprecated({ since: "2026-05-01" }, 1),
      rows: ["1"].map((id) => row(id)),
      best: row("2"),
      parts,
    };
    return { ...home, tile: card("1"), few: product };
  },
});
