import { view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /old", {
  public: true,
  deprecated: { since: "2026-01-01", sunset: "2026-06-01", use: "GET /items", because: "it was slow", enforce: true },
  load: () => ({ next: items.listItems({ limit: 1 }).next }),
});
