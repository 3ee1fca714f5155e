import { action, t } from "frontdesk";

export default action("POST /save", {
  input: { text: t.string() },
  run: ({ text }, { session, client }) => ({ text, by: session.subject, at: client.name }),
});
