import { t, view } from "frontdesk";
import { basket, legacy, shop } from "frontdesk/services";

export default view("GET /home", {
  input: { id: t.string(), ids: t.array(t.string()) },
  load: ({ id, ids }) => {
    const TAGS = 3;
    return {
      a: shop.getProduct({ id }, { cache: "soon" }).id,
      b: shop.getProduct({ id }, { cache: 30 }).id,
      c: shop.getProduct({ id }, { cache: { stale: "1m" } }).id,
      d: shop.getProduct({ id }, { cache: { ttl: "30s", stail: "1m" } }).id,
      e: shop.getProduct({ id }, { cache: { ttl: "31d", stale: "0s", staleIfError: id, negative: 5 } }).id,
      f: shop.getProduct({ id }, { cache: { ttl: "30s", tags: "product" } }).id,
      g: shop.getProduct({ id }, { cache: { ttl: "30s", tags: [`p:${id}`, 3, TAGS] } }).id,
      h: shop.getProduct({ id }, { cache: { ttl: "30s", tags: [" "] } }).id,
      i: basket.getBasket({ basketId: id }, { cache: "http" }).id,
      j: basket.getBasket({ basketId: id }, { cache: { ttl: "http" } }).id,
      k: shop.getProduct({ id }, { cache: true }).id,
      l: shop.getProduct({ id }, { cache: {} }).id,
      m: shop.getProduct({ id }, { cache: { ttl: "30s", ttl: "40s" } }).id,
      n: shop.getProduct({ id }, { cahce: "30s" }).id,
      o: shop.getProduct({ id }, { cache: { ttl: "30s", tags: [prodct] } }).id,
    };
  },
});
