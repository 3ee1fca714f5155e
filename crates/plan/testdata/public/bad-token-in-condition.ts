import { t, view } from "frontdesk";
import { mine } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }) => {
    const own = mine.getProduct({ id }, { optional: true });
    return { id, has: own !== null };
  },
});
