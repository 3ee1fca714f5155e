import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const product = (id: number) => ({ id });

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = shop.listProducts({});

    const subtitles = list.map((p) => p.subtitle);
    return {
      a: subtitles.filter((x) => x !== undefined),
      b: subtitles.filter((x) => x != null),
      c: subtitles.filter(Boolean),
      d: subtitles.filter((x) => !!x),
      e: subtitles.filter((x) => typeof x === "string"),
      f: list.filter((p) => p.weight !== undefined).map((p) => p.weight),
      g: subtitles.find((x) => x !== undefined),
      h: [product(1), null].filter((x) => x !== null),
    };
  },
});
