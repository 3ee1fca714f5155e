import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

interface A { a: number }
type Both = A & { b: string };
interface Loose { c?: number }

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const x: Both = { a: 1, b: "x" };
    const y: Omit<Both, "a"> = { b: "y" };
    const z: Required<Loose> = { c: 1 };
    return { x, y, z };
  },
});
