import { view } from "frontdesk";

export default view("GET /headerless", {
  csrf: { headerless: true, because: "it is downloaded by a link" },
  load: () => 1,
});
