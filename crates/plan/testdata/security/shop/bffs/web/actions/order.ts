import { action, t } from "frontdesk";
import { orders } from "frontdesk/services";

export default action("POST /orders", {
  input: { name: t.string() },
  rate: { per: "session", requests: 10, every: "1m" },
  run: ({ name }) => orders.addThing({ name }),
});
