import { t, view } from "frontdesk";

export default view("GET /truth/{id}", {
  input: { id: t.string() },
  cache: true,
  load: () => ({ ok: true }),
});
