import { requires, view } from "frontdesk";

export default view("GET /home", {
  auth: requires({ acr: "gold", approval: true }),
  csrf: { headerless: true, because: "it is downloaded by a link" },
  load: (_, { session }) => session.locale,
});
