import { view } from "frontdesk";

export default view("GET /download", { csrf: { headerless: true }, load: () => 1 });
