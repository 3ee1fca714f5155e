import { t, view } from "frontdesk";
import { both } from "../helpers.ts";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }) => ({ id, own: both(id, id).own }),
});
