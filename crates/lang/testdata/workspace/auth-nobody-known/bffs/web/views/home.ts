import { view } from "frontdesk";

export default view("GET /home", {
  public: true,
  load: (_, { session, auth }) => ({ me: session.subject, tier: session.tier, kind: auth.kind, other: session.teir }),
});
