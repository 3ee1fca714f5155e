import { t, view } from "frontdesk";
import { basket, legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { id: t.string(), ids: t.array(t.string()) },
  load: ({ id, ids }) => {
    const a = shop.getProduct({ id }, { retries: 2, hedge: "p95" });
    const b = shop.getProduct({ id }, { retries: 0, hedge: "20ms" });
    const c = shop.getProduct({ id }, { retries: 10, hedge: false, within: "1.5s" });
    return { a: a.id, b: b.id, c: c.id };
  },
});
