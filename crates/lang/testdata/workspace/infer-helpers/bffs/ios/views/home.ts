import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

type Titled = { title: string; subtitle?: string };

const label = (text: string, max: number = 10) => (text.length > max ? `${text.slice(0, max)}…` : text);
const describe = ({ subtitle, tags }: shop.Product) => subtitle ?? (tags.length > 0 ? tags.join(" ") : undefined);
const pick = ({ title, subtitle = "none" }: Titled) => ({ title, subtitle });
function twice(value: number, times?: number) {
  if (times === undefined) return value * 2;
  return { value, times };
}
const state = (value: shop.Product["state"]) => (value === "new" ? "fresh" : value);

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const product = shop.getProduct({ id: "1" });
    return {
      a: label(product.title), b: label(product.title, 3), c: describe(product), d: describe(product)?.length ?? 0,
      e: pick({ title: "x" }), f: pick({ title: "x", subtitle: "y", more: n }.title === "x" ? { title: "z" } : product), g: twice(n), h: state(product.state),
    };
  },
});
