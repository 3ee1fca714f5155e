import { view } from "frontdesk";

export default view("GET /few", {
  public: true,
  rate: [{ per: "ip", requests: 3, every: "1h" }],
  load: () => ({ few: true }),
});
