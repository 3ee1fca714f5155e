import { view } from "frontdesk";
import { account } from "frontdesk/services";

export default view("GET /label", {
  load: (_, { session }) => ({ owner: account.labelled({ label: session.name }).owner }),
});
