import { t, view } from "frontdesk";

export default view("GET /elsewhere/{id}", {
  input: { id: t.string() },
  retries: 2, timeout: "1s", staleIfError: "1h",
  load: () => ({ ok: true }),
});
