import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-param/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.pruned({ id });
    return { title: product.title, minor: product.price.minor, variants: product.variants?.map((v) => v.price.currency) ?? [] };
  },
});
