import { t, view } from "frontdesk";

export default view("GET /http/{id}", {
  input: { id: t.string() },
  cache: "http",
  load: () => ({ ok: true }),
});
