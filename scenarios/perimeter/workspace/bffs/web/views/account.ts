import { t, view } from "frontdesk";
import { account } from "frontdesk/services";

export default view("GET /account/{id}", {
  input: { id: t.string().min(1).max(64) },
  load: ({ id }, { session }) => ({ owner: account.getAccount({ id }).owner, subject: session.subject }),
});
