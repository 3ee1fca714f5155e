import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    const list = [{ kind: "a", n }, { kind: "b", n }] satisfies { kind: "a" | "b"; n: number }[];
    return { list, kinds: list.map((x) => x.kind) };
  },
});
