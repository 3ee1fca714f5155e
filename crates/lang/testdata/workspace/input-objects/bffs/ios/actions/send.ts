import { action, t } from "frontdesk";

export default action("POST /send", {
  input: {
    a: t.object({ b: t.strin(), c: t.object({ d: 3 }) }),
    e: t.object(t.string()),
    f: t.object({ g: t.string().default("x"), h: t.string() }).default({ h: "y" }),
    i: t.object({ j: t.string() }).default({ k: "y" }),
  },
  run: () => ({ a: 1 }),
});
