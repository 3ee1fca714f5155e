import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const text = "a";
    const count = 3;
    const on = true;
    const fixed = "a" as const;
    const both = f ? "x" : "y";
    return { text, count, on, fixed, both, list: [text, "b"], none: null, missing: undefined };
  },
});
