import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Card = { title: string; subtitle: string };

export default view("GET /products/{id}", {
  input: { id: t.string() },
  load: ({ id }): Card => {
    const product = shop.getProduct({ id });
    return { title: product.title, subtitle: product.subtitle };
  },
});
