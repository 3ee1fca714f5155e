import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    let x = product.titel;
    const y: any = x.foo;
    return { x: x.bar.baz, y, z: product.subtitle.length, w: undefinedName.a.b };
  },
});
