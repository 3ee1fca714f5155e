import { t, view } from "frontdesk";

export default view("GET /home", {
  input: { a: t.strng(), b: "text", c: t.object({ d: t.string() }), e: t.string().default(7), f: t.integer() },
  load: ({ a, b, c, e, f }) => ({ a: a.length, b: b.trim(), c: c.d, e, f: f.toFixed(1) }),
});
