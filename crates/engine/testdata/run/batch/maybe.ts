import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /maybe/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const cart = shop.getCart({ cartId: id });
    return cart.lines.map((line) => shop.getProduct({ productId: line.productId }, { within: "100ms", optional: true })?.title ?? null);
  },
});
