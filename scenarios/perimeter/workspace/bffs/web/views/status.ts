import { t, view } from "frontdesk";

export default view("GET /public/{id}/status", {
  public: true,
  input: { id: t.string() },
  load: ({ id }) => ({ ok: id }),
});
