import { t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => ({ id, n: [1, 2].reduce((sum, n) => sum + n + (session.age ?? 0), 0) }),
});
