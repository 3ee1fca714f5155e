import { action, requires, t } from "frontdesk";
import { catalog } from "frontdesk/services";

export default action("POST /notes", {
  auth: requires({ scopes: ["notes.write"] }),
  input: { text: t.string().max(64) },
  run: ({ text }) => ({ title: catalog.note({ text }).title }),
});
