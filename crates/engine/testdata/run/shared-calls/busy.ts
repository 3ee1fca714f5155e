import { view, t } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /later/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    const hasty = shop.similar({ id }, { within: "30ms", otherwise: [] });
    const cart = shop.getCart({ cartId: id });
    const patient = shop.similar({ id: cart.id }, { within: "100ms", otherwise: [] });
    return { hasty: hasty.map((p) => p.title), patient: patient.map((p) => p.id) };
  },
});
