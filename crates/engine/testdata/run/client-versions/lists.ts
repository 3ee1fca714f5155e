import { since, t, view } from "frontdesk";
import { narrow, shop } from "frontdesk/services";

export default view("GET /lists", {
  input: { ids: t.array(t.string()) },
  load: ({ ids }) => {
    const rows = ids.map((id) => {
      const stock = narrow.getStock({ id });
      return { id, left: since("5.1.0", stock.available), some: since("5.1.0", stock.available > 0) };
    });
    return { rows, count: rows.length };
  },
});
