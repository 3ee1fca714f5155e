import { view } from "frontdesk";

export default view("GET /cheap", { cost: 0, rate: [{ per: "key", requests: 10, every: "1m" }], load: () => 1 });
