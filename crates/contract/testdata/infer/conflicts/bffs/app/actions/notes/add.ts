import { action } from "frontdesk";
import { orders } from "frontdesk/services";

export default action("POST /notes", {
  run: () => {
    orders.addNote({ text: "a card" });
    return "done";
  },
});
