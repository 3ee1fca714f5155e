import { lastGood, t, view } from "frontdesk";
import { basket, legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { id: t.string(), ids: t.array(t.string()) },
  load: ({ id, ids }) => {
    const a = shop.getProduct({ id }, { otherwise: lastGood() });
    const b = shop.listProducts({}, { otherwise: lastGood([], 3) });
    const c = shop.getProduct({ id }, { optional: true, otherwise: lastGood() });
    const d = lastGood([]);
    const e = shop.listProducts({}, { otherwise: [lastGood()] });
    const f = shop.listProducts({}, { otherwise: lastGood });
    const g = shop.listProducts({}, { otherwise: lastGood(...ids) });
    return { a: a.id, b: b.length, c, d, e, f, g };
  },
});
