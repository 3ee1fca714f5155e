import { view } from "frontdesk";

export default view("GET /relaxed", {
  public: true,
  csrf: { headerless: true, because: "it is downloaded by a link" },
  load: () => 1,
});
