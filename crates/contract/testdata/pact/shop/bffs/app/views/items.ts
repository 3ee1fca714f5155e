import { t, view } from "frontdesk";
import { stock } from "frontdesk/services";

export default view("GET /items", {
  input: { ids: t.array(t.string()) },
  load: ({ ids }) => ids.map((id) => stock.getItem({ id }).title),
});
