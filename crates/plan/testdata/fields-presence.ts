import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-presence/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id }, { optional: true });
    const { variants } = shop.getProduct({ id: "other" });
    return { there: product !== null, variants: variants ? variants.length : 0 };
  },
});
