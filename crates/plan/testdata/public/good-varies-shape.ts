import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";
import { card } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string(), lang: t.string().optional().header("X-Lang") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, lang }, { session }) => {
    const page = shop.listProducts({});
    return { cards: page.items.map((p) => card(p.id, session.locale)), others: page.items.map((p) => card(p.id, lang ?? "")) };
  },
});
