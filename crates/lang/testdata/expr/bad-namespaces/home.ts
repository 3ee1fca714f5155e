import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    return { a: Object.assign({}, {}), b: Math.cbrt(2), c: Number.foo(1), d: Array.of(1), e: Object.fromEntries([1, 2]), f: String.raw("x"), g: isNaN(1), h: Object.keyz({}) };
  },
});
