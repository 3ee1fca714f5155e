import { t, view } from "frontdesk";
import { basket, legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { id: t.string(), ids: t.array(t.string()) },
  load: ({ id, ids }) => {
    return {
      a: shop.getProduct({ id }, { retries: 11 }).id,
      b: shop.getProduct({ id }, { retries: -1 }).id,
      c: shop.getProduct({ id }, { retries: 1.5 }).id,
      d: shop.getProduct({ id }, { retries: "2" }).id,
      e: shop.getProduct({ id }, { hedge: "p100" }).id,
      f: shop.getProduct({ id }, { hedge: "p0" }).id,
      g: shop.getProduct({ id }, { hedge: true }).id,
      h: shop.getProduct({ id }, { hedge: "soon" }).id,
      i: shop.getProduct({ id }, { hegde: "p95" }).id,
      j: shop.getProduct({ id }, { undo: "p95" }).id,
    };
  },
});
