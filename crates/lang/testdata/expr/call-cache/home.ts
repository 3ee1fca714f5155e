import { t, view } from "frontdesk";
import { basket, legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { id: t.string(), ids: t.array(t.string()) },
  load: ({ id, ids }) => {
    const a = shop.getProduct({ id }, { cache: "30s" });
    const b = shop.getProduct({ id }, { cache: "http" });
    const c = shop.listProducts(
      {},
      { cache: { ttl: "500ms", stale: "1m", staleIfError: "12h", negative: "5s", tags: ["shop", `product:${id}`, a.id] } },
    );
    const d = ids.map((one) => shop.getProduct({ id: one }, { cache: { ttl: "http", tags: ids.map((i) => `p:${i}`) } }));
    const e = legacy.getThing({ id }, { cache: { ttl: "7d" } });
    const f = basket.getBasket({ basketId: id }, { cache: "1.5h" });
    return { a: a.title, b: b.id, c: c.length, d: d.map((one) => one.id), e, f: f.id };
  },
});
