import { t, view } from "frontdesk";

export default view("GET /it/{id}", {
  input: { id: t.string(), token: t.string().header("X-User-Id") },
  cache: { public: "60s" },
  public: true,
  load: ({ id, token }) => ({ id, n: token.length }),
});
