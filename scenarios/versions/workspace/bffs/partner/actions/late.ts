import { action, t } from "frontdesk";

export default action("DELETE /fresh/{id}", {
  input: { id: t.string().max(64) },
  run: ({ id }) => ({ late: id }),
});
