import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const LIMIT = 12;
const names = { new: "New", used: "Second hand" };
const order = ["a", "b"] as const;
const labels: Record<string, string> = { x: "X" };

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return { a: names[product.state], b: LIMIT + 1, c: order[0], d: labels["x"] ?? "none", e: LIMIT };
  },
});
