import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    function double(x: number) {
      return x * 2;
    }
    enum Color {
      Red,
    }
    class Card {}
    return { a: double(n), b: Color.Red, c: Card };
  },
});
