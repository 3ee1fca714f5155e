import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const maybe = shop.getProduct({ id: "1" }, { optional: true });

    const list = shop.listProducts({}, { optional: true });
    return {
      a: maybe?.title,
      b: maybe?.price.minor,
      c: maybe?.labels?.red,
      d: list?.[0]?.title,
      e: list?.map((p) => p.title),
      f: list?.[0]?.tags?.length,
      g: maybe?.tags.map((tag) => tag.length).length,
      h: list?.find((p) => p.state === "new")?.subtitle?.trim().length,
    };
  },
});
