import { view } from "frontdesk";

export default view("GET /me", { load: (_, { session, auth }) => ({ me: session.subject, kind: auth.kind, tier: session.tier }) });
