import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /products/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id }, { optional: true, within: "50ms" });
    const others = shop.listProducts({ limit: 4 }, { otherwise: [] });
    const state = shop.getProduct({ id }, { otherwise: "unknown" });
    return { product, others, state };
  },
});
