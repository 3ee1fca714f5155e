import { problem, t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    if (n === 1) throw problem("x", { status: n, title: `a${n}`, detail: n, tilte: "x" });
    throw problem();
  },
});
