import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const join = (text: string, sep: string = "+", count?: number) => ({ text: `${text}${sep}`, count });
const named = ({ id, size = 2 }: { id: string; size?: number }) => `${id}${size}`;

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return { a: join("x"), b: join("x", undefined), c: join("x", "-", 3), d: named({ id: "1" }), e: named({ id: "1", size: 4 }) };
  },
});
