import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const config = { size: 3, names: ["a", "b"], nested: { on: true } } as const;
    const pair = [1, "x"] as const;
    return { config, pair, first: pair[0], names: config.names.map((name) => name.toUpperCase()) };
  },
});
