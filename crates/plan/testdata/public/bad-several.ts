import { t, view } from "frontdesk";
import { mine } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }, { session, auth }) => ({ id, a: session.subject, b: session.tier, c: auth.kind, d: mine.getProduct({ id }).title }),
});
