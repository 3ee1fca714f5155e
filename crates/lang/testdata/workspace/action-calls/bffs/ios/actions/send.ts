import { action, problem, t } from "frontdesk";
import { basket, shop } from "frontdesk/services";

export default action("POST /baskets/{basketId}/lines", {
  summary: "Adds a line",
  input: { basketId: t.string(), productId: t.string(), quantity: t.integer().min(1).max(20).default(1) },
  run: ({ basketId, productId, quantity }) => {
    const product = shop.getProduct({ id: productId });
    if (product.state === "used") throw problem("sold_out", { status: 409, title: "Sold out" });
    const after = basket.addLine({ basketId, productId, quantity });
    return { lines: after.lines.length, title: product.title };
  },
});
