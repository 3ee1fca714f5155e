import { t, view } from "frontdesk";
import { lab, split } from "frontdesk/services";

export default view("GET /it/{id}", {
  input: { id: t.string() },
  cache: { public: "60s" },
  public: true,
  load: ({ id }) => ({ a: split.getProduct({ id }).title, b: lab.getProduct({ id }).title }),
});
