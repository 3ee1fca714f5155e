import { view } from "frontdesk";

export default view("GET /dear", { cost: 6, rate: { per: "user", requests: 10, every: "1m" }, load: () => 1 });
