import { t, view } from "frontdesk";
import { basket } from "frontdesk/services";

const add = (id: string) => basket.addLine({ basketId: "1", productId: id, quantity: 1 });

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const b = basket.getBasket({ basketId: "1" });

    const added = basket.addLine({ basketId: "1", productId: "2", quantity: 1 });
    return { added, again: add("3") };
  },
});
