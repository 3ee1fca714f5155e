import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";


export default view("GET /twice/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const first = shop.similar({ id });
    const second = shop.similar({ id });
    return { titles: first.map((p) => p.title), prices: second.map((p) => p.price ?? 0) };
  },
});
