import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const a = "x";
    const b = a;
    const c = { b };
    const d: "x" = a;
    const e = d;
    return { b, c, e, f: [a], g: f ? a : d };
  },
});
