import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const product = shop.getProduct({ id: "1" }, { optional: true });
    const label = product?.labels?.["x"];
    const others = shop.listProducts({}, { otherwise: [] });
    return {
      title: product?.title, or: product?.title ?? "none", label, labelled: label ?? null,
      and: product && product.title, andObject: product && { id: product.id }, or2: product?.subtitle || "none",
      text: s && s.length, count: others.length && others[0], not: !product, both: product !== null && product.tags.length > 0,
      image: product?.imageUrl, tag: product?.tags[0], chain: product?.tags.map((tag) => tag.length), first: others[0]?.price.minor,
      deep: product?.labels?.["x"]?.toUpperCase().length,
    };
  },
});
