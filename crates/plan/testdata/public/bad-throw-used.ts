import { t, view } from "frontdesk";
import { grown } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => ({ id, ok: grown(session.age) }),
});
