import { action, t } from "frontdesk";
import { orders } from "frontdesk/services";

export default action("POST /action-write-guarded/{id}", {
  input: { id: t.string() },
  run: ({ id }) => {
    const user = orders.getUser({ id });
    if (user.email === undefined) return { ok: false };
    orders.addNote({ text: user.email });
    return { ok: true };
  },
});
