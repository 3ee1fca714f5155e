import { t, view } from "frontdesk";

export default view("GET /home", {
  input: {
    a: t.string().body(),
    b: t.object({ c: t.string() }),
    c: t.array(t.array(t.string())),
    d: t.string().nullable(),
    e: t.string().header("not a header"),
    f: t.string().header("Cookie"),
    g: t.array(t.string()).header("x-list"),
    h: t.string().header(),
    i: t.string().query().header("x-i"),
    j: t.string().query("k"),
    k: t.string(),
  },
  load: () => ({ a: 1 }),
});
