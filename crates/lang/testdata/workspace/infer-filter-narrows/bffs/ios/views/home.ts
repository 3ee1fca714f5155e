import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const products = shop.listProducts({});
    const subtitles = products.map((p) => p.subtitle);
    const images = products.map((p) => p.imageUrl ?? null);
    return {
      subtitles: subtitles.filter((text) => text !== undefined),
      images: images.filter((url) => url !== null),
      loose: subtitles.filter((text) => text != null),
      truthy: subtitles.filter((text) => !!text),
      used: products.filter((p) => p.state === "used").map((p) => p.state),
    };
  },
});
