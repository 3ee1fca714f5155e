import { view } from "frontdesk";

export default view("GET /strict", { csrf: { headerless: false, because: "it is downloaded by a link" }, load: () => 1 });
