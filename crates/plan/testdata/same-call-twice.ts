import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /same-call-twice/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const a = shop.getProduct({ id });
    const b = shop.getProduct({ id });
    return { title: a.title, price: b.price.minor };
  },
});
