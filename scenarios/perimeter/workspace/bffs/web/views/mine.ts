import { view } from "frontdesk";

export default view("GET /mine", {
  rate: [{ per: "user", requests: 3, every: "1h" }],
  load: (_, { session }) => ({ subject: session.subject }),
});
