import { t, view } from "frontdesk";

export default view("GET /echo/{id}", {
  input: {
    id: t.string(),
    page: t.integer().min(1).max(10).default(1),
    size: t.number().optional(),
    state: t.enum(["new", "used"]).optional(),
    tags: t.array(t.string().max(8)).max(3).default([]),
    day: t.date().optional(),
    at: t.dateTime().optional(),
    fast: t.boolean().default(false),
    version: t.string().header("X-Client-Version").optional(),
    q: t.string().query("query").pattern("^[a-z]+$").optional(),
  },
  load: (input) => input,
});
