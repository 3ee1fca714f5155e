import { view } from "frontdesk";

export default view("GET /statement", {
  csrf: { headerless: true, because: "statements are downloaded by a plain link" },
  load: (_, { session }) => ({ of: session.subject }),
});
