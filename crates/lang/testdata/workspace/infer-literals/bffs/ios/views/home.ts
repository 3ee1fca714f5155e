import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }) => {
    const kind = "card";
    const sizes = [1, 2, 3];
    const pair = [1, "a"];
    const fixed = ["a", "b"] as const;
    const empty: string[] = [];
    const flag = true;
    return {
      kind, sizes, pair, fixed, empty, flag,
      same: kind, inline: "x", negative: -1, nothing: null, missing: undefined,
      chosen: f ? "yes" : "no", mixed: f ? 1 : "one", maybe: f ? n : null, nested: { kind, deep: [{ kind }] },
      first: fixed[0], any: sizes[0], length: sizes.length, constant: { a: "x" } as const,
    };
  },
});
