import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /chain/{id}", {
  input: { id: t.string() },
  budget: { latency: "60ms" },
  load: ({ id }) => {
    const similar = shop.similar({ id }, { optional: true });
    const stock = shop.getStock({ id: similar?.[0]?.id ?? "none" }, { optional: true });
    return { similar: similar && similar.length, stock: stock && stock.available };
  },
});
