import { t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => ({ id, in: session.locale }),
});
