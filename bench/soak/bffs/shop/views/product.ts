import { t, view } from "frontdesk";
import { catalog, shipping } from "frontdesk/services";

/** The same answer for everybody, kept whole; never one that had to do without `delivery`. */
export default view("GET /products/{productId}", {
  public: true,
  input: { productId: t.string().max(64) },
  cache: { public: "1s", stale: "1s", staleIfError: "20s", tags: ["product:{productId}"] },
  load: ({ productId }) => {
    const product = catalog.getProduct({ id: productId });
    const delivery = shipping.estimate({ id: productId }, { within: "100ms", optional: true });
    return { product, delivery };
  },
});
