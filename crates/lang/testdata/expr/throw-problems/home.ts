import { problem, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    if (n > 5) throw problem("too_many", { status: 422, title: "Too many", detail: `${n} is more than 5` });
    if (product.state === "used") throw problem("used_up");
    return product.title;
  },
});
