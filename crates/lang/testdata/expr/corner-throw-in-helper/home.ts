import { problem, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const checked = (text: string | undefined) => {
  if (text === undefined) throw problem("no_text");
  return text;
};

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const product = shop.getProduct({ id: "1" });

    return { title: checked(product.subtitle) };
  },
});
