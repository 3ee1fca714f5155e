import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { auth }) => {
    const products = auth.scopes.map((one) => shop.getProduct({ id: one }));
    return { id, items: products.map((p) => ({ title: p.title })) };
  },
});
