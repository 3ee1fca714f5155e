import { since, problem, version } from "frontdesk";
import { shop } from "frontdesk/services";

export default version("2026-05-10", {
  "GET /v1/stock/{id}": (answer) => ({ id: answer.id, now: shop.getProduct({ id: answer.id }).price }),
  "GET /v1/stok/{id}": (answer) => ({ id: answer.id }),
  "GET /v1/gone": null,
  "GET /v1/broken": (answer) => ({ x: answer.x }),
});
