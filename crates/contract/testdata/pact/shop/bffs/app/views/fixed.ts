import { view } from "frontdesk";
import { stock } from "frontdesk/services";

export default view("GET /fixed", {
  load: () => stock.getItem({ id: "the one" }).title,
});
