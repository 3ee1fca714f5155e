import { view, t, lastGood } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /stock/{id}", {
  input: { id: t.string() },
  load: ({ id }) => ({ available: shop.getStock({ id }, { cache: "http", otherwise: lastGood() })?.available }),
});
