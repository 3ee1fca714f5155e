import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

const card = (id: string) => shop.getProduct({ id }).title;
const price = (id: string) => shop.getProduct({ id }).price;

export default view("GET /same-call-in-helpers/{id}", {
  input: { id: t.string() },
  load: ({ id }) => {
    return { a: card(id), b: price(id) };
  },
});
