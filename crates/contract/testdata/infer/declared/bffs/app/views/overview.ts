import { view } from "frontdesk";
import { shop } from "frontdesk/services";

/** A line of the overview. */
interface Row {
  /** What people read. */
  title: string;
  price: Price | null;
  state: State;
}

type Price = { minor: number; currency: string };

type State = "new" | "used";

type Overview = { rows: Row[]; first?: Row | undefined; cheapest: Price };

export default view("GET /overview", {
  load: (): Overview => {
    const page = shop.listProducts({});
    const rows = page.items.map((item): Row => ({ title: item.title, price: item.price, state: item.state }));
    return { rows, first: rows[0], cheapest: { minor: 0, currency: "EUR" } };
  },
});
