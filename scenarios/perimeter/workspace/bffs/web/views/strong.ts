import { requires, view } from "frontdesk";

export default view("GET /strong", {
  auth: requires({ acr: ["urn:frontdesk:mfa"] }),
  load: (_, { session }) => ({ subject: session.subject }),
});
