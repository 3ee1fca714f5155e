import { action, t } from "frontdesk";
import { catalog } from "frontdesk/services";

export default action("POST /feedback", {
  public: true,
  input: { text: t.string().max(64) },
  run: ({ text }) => ({ title: catalog.note({ text }).title }),
});
