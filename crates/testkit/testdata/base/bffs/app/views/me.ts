import { requires, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /me", {
  auth: requires({ scopes: ["me.read"] }),
  load: (_, { session, auth }) => ({
    subject: session.subject,
    tier: session.tier,
    scopes: auth.scopes,
    first: items.getItem({ id: session.subject }).title,
  }),
});
