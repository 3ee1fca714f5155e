import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const product = session.tier === "gold" ? shop.getProduct({ id }) : null;
    return { id, title: product?.title };
  },
});
