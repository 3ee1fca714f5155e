import { problem, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /one/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const product = shop.getProduct({ id });
    if (product.tags.length === 0) throw problem("empty");
    if (product.state === "used") throw problem("used_up", { status: 422, title: "Gone already" });
    return { title: product.title };
  },
});
