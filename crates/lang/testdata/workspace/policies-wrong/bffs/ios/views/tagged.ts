import { t, view } from "frontdesk";

export default view("GET /tagged/{id}", {
  input: { id: t.string() },
  cache: { private: "60s", tags: ["product:{id}"] },
  load: () => ({ ok: true }),
});
