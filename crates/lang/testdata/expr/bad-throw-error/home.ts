import { problem, t, view } from "frontdesk";

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    if (n === 1) throw new Error("x");
    if (n === 2) throw problem("Not Good", { status: 200 });
    if (n === 3) throw problem(s ?? "x");
    throw "text";
  },
});
