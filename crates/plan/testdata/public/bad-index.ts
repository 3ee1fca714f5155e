import { t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session }) => {
    const names = { gold: "Gold", basic: "Basic" };
    return { id, name: names[session.tier] };
  },
});
