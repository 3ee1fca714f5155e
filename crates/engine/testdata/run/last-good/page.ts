import { view, t, lastGood } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /page/{id}", {
  input: { id: t.string() },
  load: ({ id }) => ({
    stock: shop.getStock({ id }, { otherwise: lastGood() })?.available,
    similar: shop.similar({ id }, { within: "50ms", otherwise: lastGood([]), cache: "1s" }).map((p) => p.title),
  }),
});
