import { action, t } from "frontdesk";
import { open } from "frontdesk/services";

export default action("POST /mail", {
  public: true,
  input: { name: t.string() },
  run: ({ name }) => open.addThing({ name }),
});
