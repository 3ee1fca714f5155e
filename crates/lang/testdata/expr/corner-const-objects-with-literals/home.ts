import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const a = { kind: "x", n: 1, on: true, list: ["a"], deep: { k: "y" } };
    const b = { ...a, kind: "z" };
    return { a, b, c: a.kind, d: [a.kind, b.kind] };
  },
});
