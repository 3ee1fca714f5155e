import { view } from "frontdesk";
import { orders, quotes } from "frontdesk/services";

const mine = () => orders.listThings({}).map((thing) => thing.id);

export default view("GET /home", {
  public: true,
  load: () => ({
    mine: mine(),
    again: mine().length,
    quotes: quotes.listThings({}, { optional: true }),
    unused: orders.listThings({}) && null,
  }),
});
