import { action, t } from "frontdesk";
import { account } from "frontdesk/services";

export default action("POST /account/{id}", {
  input: { id: t.string().min(1).max(64), name: t.string().max(64) },
  run: ({ id, name }) => ({ owner: account.rename({ id, name }).owner }),
});
