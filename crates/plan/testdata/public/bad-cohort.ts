import { t, view } from "frontdesk";
import { lab } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  load: ({ id }) => lab.getProduct({ id }).title,
});
