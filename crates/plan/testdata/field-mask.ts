import { t, view } from "frontdesk";
import { stock } from "frontdesk/services";

export default view("GET /field-mask/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const there = stock.getStock({ productId: id });
    return { left: there.onHand, city: there.place?.city ?? null, others: there.others.map((p) => p.city), m: there.bySize["m"] ?? "0" };
  },
});
