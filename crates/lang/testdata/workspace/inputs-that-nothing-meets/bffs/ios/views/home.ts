import { t, view } from "frontdesk";

export default view("GET /home", {
  input: {
    a: t.string().min(5).max(3),
    b: t.integer().min(2).max(1),
    c: t.string().min(-1),
    d: t.string().max(1.5),
    e: t.integer().min(0.5),
    f: t.string().pattern("["),
    g: t.string().pattern(/a/gi),
    h: t.string().default(3),
    i: t.integer().default(1.5),
    j: t.integer().max(10).default(11),
    k: t.enum(["a", "b"]).default("c"),
    l: t.string().pattern("^a$").default("b"),
    m: t.date().default("tomorrow"),
    n: t.string().optional().default("x"),
    o: t.array(t.integer()).default(["1"]),
    p: t.boolean().default("yes"),
  },
  load: () => ({ a: 1 }),
});
