import { t, view } from "frontdesk";
import { shop } from "frontdesk/services";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const { anything } = shop.getOdd({});
    if (typeof anything === "number") return anything + 1;
    if (typeof anything === "boolean") return !anything;
    return typeof anything === "string" ? anything.length : 0;
  },
});
