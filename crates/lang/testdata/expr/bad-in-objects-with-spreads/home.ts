import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });
    const list = shop.listProducts({});

    return {
      a: shop.listProducts({ ...{ limit: 3 }, sort: "bst" }),
      b: shop.listProducts({ ...{ limit: "3" }, sort: "best" }),
      c: shop.batchGetProducts({ ids: ["1", 2] }),
    };
  },
});
