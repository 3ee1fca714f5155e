import { t, view } from "frontdesk";
import { catalog } from "frontdesk/services";

export default view("GET /find", {
  public: true,
  input: { name: t.string().max(64) },
  load: ({ name }) => ({ title: catalog.find({ name }).title }),
});
