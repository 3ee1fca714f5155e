import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";
import { card } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const page = shop.listProducts({});
    return { cards: page.items.map((p) => card(p.id, session.tier)) };
  },
});
