import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const sizes = ["s", "m", "l"] as const;
    const index = sizes.indexOf("m");
    return { all: sizes.map((size) => size), first: sizes[0], at: sizes[index], has: sizes.includes("s"), joined: sizes.join("/"), copy: [...sizes] };
  },
});
