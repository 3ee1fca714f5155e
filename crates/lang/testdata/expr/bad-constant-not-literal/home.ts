import { t, view } from "frontdesk";

const LIMIT = 2 * 6;

export default view("GET /home", {
  input: { n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false) },
  load: ({ n, s, f }, { session }) => {
    return LIMIT;
  },
});
