import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";
import { tile } from "../shapes/tile.ts";

export default view("GET /whole/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    return { title: product.title, tile: tile(id), again: { ...tile(id), extra: 1 } };
  },
});
