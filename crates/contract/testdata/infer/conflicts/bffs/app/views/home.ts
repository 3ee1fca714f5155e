import { view } from "frontdesk";
import { card } from "../shapes/card.ts";

export default view("GET /home", {
  load: () => ({ items: [{ id: "1", title: "One" }], item: { id: "1" }, card: card("1") }),
});
