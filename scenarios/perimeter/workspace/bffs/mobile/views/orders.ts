import { requires, view } from "frontdesk";

export default view("GET /orders", {
  auth: requires({ scopes: ["orders.read"] }),
  load: (_, { session }) => ({ subject: session.subject }),
});
