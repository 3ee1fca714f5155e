import { problem, t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    if (session.tier !== "gold") throw problem("gold_only", { status: 403 });
    return { id };
  },
});
