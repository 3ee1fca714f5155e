import { view } from "frontdesk";

export default view("GET /me", {
  load: (_, { session, auth }) => ({ subject: session.subject, name: session.name, kind: auth.kind }),
});
