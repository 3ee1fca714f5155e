import { groupBy, t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /fields-through-methods/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const page = shop.listProducts({ limit: 20 });
    const cheap = page.items.filter((p) => p.price.minor < 1000).toSorted((a, b) => a.price.minor - b.price.minor);
    const by = groupBy(page.items, (p) => p.state);
    const best = cheap.at(0) ?? page.items.find((p) => p.tags.includes("best"));
    return {
      best: best?.title ?? null,
      used: (by["used"] ?? []).map((p) => p.id),
      tags: page.items.flatMap((p) => p.tags).join(", "),
      brand: [...cheap, ...page.items].slice(0, 3).map(({ brand: { name } }) => name),
    };
  },
});
