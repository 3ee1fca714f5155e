import { lastGood, t, view } from "frontdesk";
import { basket, legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { id: t.string(), ids: t.array(t.string()) },
  load: ({ id, ids }) => {
    const a = shop.getProduct({ id }, { otherwise: lastGood() });
    const b = shop.listProducts({}, { otherwise: lastGood([]) });
    const c = shop.getProduct({ id }, { otherwise: lastGood({ title: "Unavailable" }), within: "50ms" });
    const d = shop.listProducts({}, { otherwise: lastGood(null), cache: { ttl: "10s" } });
    const e = shop.getProduct({ id }, { otherwise: lastGood("gone") });
    return {
      a: a && { id: a.id, title: a.title },
      b: b.map((one) => one.id),
      c: c.title,
      d: d?.length,
      e: typeof e === "string" ? e : e.title,
      f: shop.listCategories({}, { otherwise: lastGood(ids) }),
    };
  },
});
