import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    const t1 = product.title;
    return {
      a: t1.trim().toLowerCase().split(" "),
      b: t1.replaceAll("a", "b").replace("c", "d"),
      c: t1.padStart(5, "0").padEnd(9),
      d: t1.charAt(0) + t1.at(-1),
      e: t1.codePointAt(0),
      f: t1.slice(1, -1).substring(1).repeat(2),
      g: t1.startsWith("a") && t1.endsWith("b") && t1.includes("c", 1),
      h: t1[0],
      i: t1.length,
      j: t1.indexOf("a"),
    };
  },
});
