import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /guard-ternary/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = id === "none" ? null : shop.getProduct({ id });
    return { title: product?.title ?? null };
  },
});
