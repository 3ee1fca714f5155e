import { t, view } from "frontdesk";

const limit = 3;

export default view("GET /home", {
  input: {
    a: String,
    b: "string",
    c: t.text(),
    d: t.strng(),
    e: t.string().maximum(3),
    f: t.string().mx(3),
    g: t.boolean().min(1),
    h: t.string(3),
    i: t.string().max(),
    j: t.string().max(limit),
    k: t.enum("a", "b"),
    l: t.enum([]),
    m: t.enum(["a", "a"]),
    n: t.array("string"),
    o: t.string,
    p: z.string(),
    q: t.array(t.string().header("x-a")),
  },
  load: () => ({ a: 1 }),
});
